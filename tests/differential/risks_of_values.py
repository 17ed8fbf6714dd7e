"""Operations that fail."""

# ruff: noqa: E501  (a template is one line, however long)
from __future__ import annotations

from .model import Writer
from .risks import VALUES, Risk, risk
from .words import WORDS


@risk(VALUES, 2, "zero_division")
def zero_division(w: Writer) -> Risk:
    return Risk(
        w.pick("1 / 0", "10 // 0", "7 % 0", "divmod(1, 0)", "1.5 / 0", f"100 / len({w.pick('[]', '()', repr(''))})"),
        "ZeroDivisionError",
        True,
    )


@risk(VALUES, 2, "int_parse")
def int_parse(w: Writer) -> Risk:
    return Risk(
        w.pick("int('x')", "int('')", "int('3.5')", "float('many')", "int(None)", "int('12px', 10)"),
        "(ValueError, TypeError)",
        True,
    )


@risk(VALUES, 3, "environ_key")
def environ_key(w: Writer) -> Risk:
    key = w.pick("DATABASE_URL", "SECRET_KEY", "JWT_SECRET", "API_TOKEN", "SMTP_HOST")
    return Risk(w.pick(f"{w.std('os')}.environ[{key!r}]", f"{w.std('os.environ')}[{key!r}]"), "KeyError", True)


@risk(VALUES, 1, "environ_get")
def environ_none(w: Writer) -> Risk:
    key = w.pick("DATABASE_URL", "SECRET_KEY", "PORT", "API_TOKEN")
    get = w.pick(f"{w.std('os')}.environ.get({key!r})", f"{w.std('os.getenv')}({key!r})")
    return Risk(
        *w.rng.choice(
            [
                (f"int({get})", "TypeError"),
                (f"{get}.split(',')", "AttributeError"),
                (f"{get} + '/db'", "TypeError"),
                (f"len({get})", "TypeError"),
            ]
        ),
        True,
    )


@risk(VALUES, 2, "indexing")
def indexing(w: Writer) -> Risk:
    return Risk(
        w.pick("[1, 2][5]", "()[0]", "'abc'[9]", "{'a': 1}['b']", "[][-1]", "{}[(1, 2)]", "'a,b'.split(',')[2]"),
        "LookupError",
        True,
    )


@risk(VALUES, 2, "unpacking")
def unpacking(w: Writer) -> Risk:
    code = w.pick(
        "a, b = [1]",
        "a, b = (1, 2, 3)",
        "a, b, *c = [1]",
        "(a, b), c = (1, 2), ()",
        "for a, b in [(1,)]:\n    pass",
        "a, b = 'xyz'",
        "a, b = None",
        "a, b = {'k': 1}",
    )
    return Risk(code, "(ValueError, TypeError)")


@risk(VALUES, 2, "call_none")
def call_none(w: Writer) -> Risk:
    name = w.fresh("callback", "handler", "factory")
    return Risk(
        w.pick(f"{name}()", f"{name}.run()", f"{name}[0]", f"len({name})", f"{name} + 1", f"list({name})"),
        "(TypeError, AttributeError)",
        True,
        f"{name} = None",
    )


@risk(VALUES, 2.5, "wrong_arity")
def wrong_arity(w: Writer) -> Risk:
    name = w.fresh("connect", "configure", "setup", "combine")
    head, calls = w.rng.choice([
        ("host, port", ["", "'h'", "1, 2, 3", "'h', host='x'"]), ("url, *, echo", ["'u'", "", "'u', True"]), ("", ["1", "a=1"]),
        ("first, /, second", ["first=1, second=2", "1"]), ("a, b, c=3", ["", "1", "1, 2, 3, 4"]), ("*, a, b", ["", "1, 2", "a=1"]),
        ("a, b, c, d", ["1", ""]),
    ])  # fmt: skip
    return Risk(f"{name}({w.rng.choice(calls)})", "TypeError", True, f"def {name}({head}):\n    return None")


@risk(VALUES, 2, "unexpected_keyword")
def unexpected_keyword(w: Writer) -> Risk:
    name = w.fresh("connect", "configure", "setup", "combine")
    return Risk(
        w.pick(f"{name}(pool=5)", f"{name}('x', timeout=3)", f"{name}(**{{'x': 1}})"),
        "TypeError",
        True,
        f"def {name}(url='', *, echo=False):\n    return url",
    )


@risk(VALUES, 2, "abc")
def abstract(w: Writer) -> Risk:
    name, child = w.fresh("Port", "Repository"), w.fresh("Memory", "Partial")
    methods = w.pick("run", "run", "load save")
    body = "\n".join(f"    @{w.std('abc.abstractmethod')}\n    def {method}(self): ..." for method in methods.split())
    done = f"    def {methods.split()[0]}(self):\n        return 1" if " " in methods else "    pass"
    before = f"class {name}({w.std('abc.ABC')}):\n{body}\n\n\nclass {child}({name}):\n{done}"
    return Risk(w.pick(f"{name}()", f"{child}()"), "TypeError", True, before)


@risk(VALUES, 1.5, "dataclass")
def broken_dataclass(w: Writer) -> Risk:
    deco, name = w.std("dataclasses.dataclass"), w.fresh("Payload", "Row")
    ways = [
        (f"@{deco}\nclass {name}:\n    a: int = 0\n    b: str", "TypeError"), (f"@{deco}\nclass {name}:\n    tags: list = []", "ValueError"),
        (f"@{deco}(frozen=True)\nclass {name}:\n    a: int\n\n{name}(1).a = 2", "AttributeError"), (f"@{deco}\nclass {name}:\n    a: int\n\n{name}()", "TypeError"),
        (f"@{deco}\nclass {name}:\n    a: int\n\n{name}(1, 2)", "TypeError"), (f"@{deco}(slot=True)\nclass {name}:\n    a: int", "TypeError"),
    ]  # fmt: skip
    return Risk(*w.rng.choice(ways))


@risk(VALUES, 1.5, "enum")
def broken_enum(w: Writer) -> Risk:
    name = w.fresh("Color", "Level", "Mode")
    before = f"class {name}({w.std('enum.Enum')}):\n    RED = 'red'\n    BLUE = 'blue'"
    return Risk(
        *w.rng.choice(
            [
                (f"{name}('green')", "ValueError"),
                (f"{name}['GREEN']", "KeyError"),
                (f"{name}.GREEN", "AttributeError"),
                (f"{name}.RED.valu", "AttributeError"),
            ]
        ),
        True,
        before,
    )


@risk(VALUES, 3, "raise_builtin")
def raise_builtin(w: Writer) -> Risk:
    name = w.pick(
        "RuntimeError",
        "ValueError",
        "KeyError",
        "OSError",
        "NotImplementedError",
        "TypeError",
        "LookupError",
        "ImportError",
    )
    argument = w.pick(
        "'database is not configured'", "f'bad port: {8000 + 1}'", "'limit is %d' % 3", "'a', 'b'", "404", ""
    )
    if w.chance(0.12):
        return Risk(f"raise {name}", name)
    return Risk(f"raise {name}({argument})", name)


@risk(VALUES, 2.5, "raise_custom", "exception_class")
def raise_custom(w: Writer) -> Risk:
    name = w.fresh("ConfigError", "StartupFailure", "PolicyError")
    text = w.rng.choice(WORDS)
    before, call = w.rng.choice([
        (f"class {name}(Exception):\n    pass", f"{name}('no {text}')"), (f"class {name}(ValueError):\n    code = 3", f"{name}(f'{text} {{1 + 1}}')"),
        (f"class {name}(Exception):\n    def __init__(self, key):\n        super().__init__(f'missing {{key}}')\n        self.key = key", f"{name}({text!r})"),
        (f"class {name}(RuntimeError):\n    def __str__(self):\n        return 'always {text}'", f"{name}(1)"), (f"class {name}(Exception):\n    pass", name),
    ])  # fmt: skip
    return Risk(f"raise {call}", name, before=before)


@risk(VALUES, 2, "assert")
def failing_assert(w: Writer) -> Risk:
    return Risk(
        w.pick(
            "assert False, 'never'",
            "assert 1 == 2",
            "assert not [1], f'{1 + 1} left'",
            "assert isinstance(1, str), ('int', 1)",
            "assert None is not None",
        ),
        "AssertionError",
    )


@risk(VALUES, 1.5, "operator_mismatch")
def operator_mismatch(w: Writer) -> Risk:
    ways = [
        "'a' + 1",
        "1 + 'a'",
        "None + 1",
        "[] + ()",
        "len(5)",
        "'x' * 'y'",
        "{} | []",
        "-'x'",
        "1 < 'a'",
        "None > 0",
        "for_each = list(5)",
        "sorted([1, 'a'])",
        "sum(['a'])",
        "'%d' % 'x'",
        "'a' in 5",
        "{[]: 1}",
        "max([])",
        "'{missing}'.format()",
        "next(iter([]))",
        "(1).name",
        "'x'.upper.lower()",
        "object().x",
        "[1].push(2)",
        "{'a': 1}.a",
        "abs('x')",
        "set([[]])",
        "isinstance(1, 'int')",
        "'{0} {1}'.format(1)",
        "(1, 2)[0] = 3",
        "int.missing",
        "'a'.join([1])",
    ]
    code = w.rng.choice(ways)
    plain = " = " not in code
    return Risk(code, "Exception", plain)


@risk(VALUES, 1, "system_exit")
def system_exit(w: Writer) -> Risk:
    return Risk(
        w.pick(
            f"{w.std('sys')}.exit(1)", "raise SystemExit('no configuration')", f"{w.std('sys')}.exit('bye')", "exit(2)"
        ),
        "SystemExit",
    )
