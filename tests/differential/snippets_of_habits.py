"""What real backends do while they are imported, and the slips in it that reality has taught."""

# ruff: noqa: E501  (a template is one line, however long)
from __future__ import annotations

from .model import Writer
from .snippets import snippet
from .words import WORDS


@snippet(0.7, "finally", "finally_decides")
def finally_decides(w: Writer, bad: bool) -> str:
    name, error = w.fresh("attempt", "guarded"), w.pick("ValueError", "KeyError", "OSError")
    last = f"raise {w.pick('RuntimeError', 'LookupError')}('later')" if bad else w.pick("return 'kept'", "pass")
    body = "return 'done'" if last == "pass" else f"raise {error}('first')"
    return f"def {name}():\n    try:\n        {body}\n    finally:\n        {last}\n\n\n{w.fresh('decided')} = {name}()"


@snippet(0.7, "exception_group")
def exception_groups(w: Writer, bad: bool) -> str:
    inner = w.pick("ValueError(1), TypeError(2)", "ValueError(1), ExceptionGroup('in', [TypeError(2), ValueError(3)])")
    raised = w.pick(f"ExceptionGroup('several', [{inner}])", f"ExceptionGroup('one', [{inner}, OSError('x')])")
    if not bad:
        raised = f"ExceptionGroup('several', [{inner}])"
    handler = w.pick("pass", "raise", "raise LookupError('in a handler')") if bad else "pass"
    caught = w.fresh("group")
    return f"try:\n    raise {raised}\nexcept* TypeError as {caught}:\n    {handler}\nexcept* ValueError as {caught}:\n    print(len({caught}.exceptions))"


@snippet(0.7, "exception_chain")
def exception_chains(w: Writer, bad: bool) -> str:
    error = w.fresh("failure")
    cause = w.pick(error, "None") if not bad else w.pick("3", error, "None")
    end = f"assert isinstance(caught.__context__, ZeroDivisionError) and caught.__cause__ is {'None' if cause == 'None' else 'caught.__context__'}"
    end = end if not bad else f"assert caught.__cause__ is {w.pick('caught', 'None', 'caught.__context__')}"
    return f"try:\n    try:\n        1 / 0\n    except ZeroDivisionError as {error}:\n        raise ValueError('wrapped') from {cause}\nexcept ValueError as caught:\n    {end}"


@snippet(0.8, "raised_by_name")
def raised_by_name(w: Writer, bad: bool) -> str:
    name, kept = w.fresh("load_table", "connect_to"), w.fresh("problem")
    handler = f"raise {kept}" if bad else f"print('skipped', {kept})"
    call = w.pick(f"{name}('x')", f"{name}(value='y')")
    return f"def {name}(value):\n    return {{'a': 1}}[value]\n\n\ntry:\n    {call}\nexcept LookupError as {kept}:\n    print(f'cannot load {{{kept}}}')\n    {handler}"


@snippet(0.8, "private_names")
def private_names(w: Writer, bad: bool) -> str:
    name, child, held = w.fresh("Vault", "_Safe"), w.fresh("OpenVault", "Wallet"), w.fresh("__cache")
    use = w.pick(f"{child}().peek()", f"{name}.__secret", f"{name}().cached()") if bad else f"{child}().reveal()"
    return f"""
{held} = {{}}


class {name}:
    __secret = 1

    def __hidden(self):
        return self.__secret

    def reveal(self):
        return self.__hidden()

    def cached(self):
        return {held}


class {child}({name}):
    def peek(self):
        return self.__secret


{w.fresh("revealed")} = {use}
"""


@snippet(0.8, "spreading", "star_args")
def spreading(w: Writer, bad: bool) -> str:
    name = w.fresh("collect", "merge_all")
    call = w.pick(f"{name}(*[1, 2], **{{'a': 1}})", f"[*{name}(), *'ab']", "{**{'a': 1}, **dict(b=2)}")
    if bad:
        call = w.pick(
            f"{name}(*None)", f"{name}(1, *5)", f"{name}(**[1])", f"{name}(a=1, **{{'a': 2}})", f"{name}(**{{1: 2}})",
            "[*7]", "{**None}", f"{name}(*{name})", f"print(*{name}(1)[0])",
        )  # fmt: skip
    return f"def {name}(*values, **named):\n    return [*values, named]\n\n\n{w.fresh('spread')} = {call}"


@snippet(1, "typing_forms")
def typing_forms(w: Writer, bad: bool) -> str:
    form = w.pick(
        "Optional[int]", "Union[int, None]", "Dict[str, List[int]]", "Callable[..., str]", "Literal['a', 1]",
        "Tuple[int, ...]", "ClassVar[int]", "Annotated[int, 'meta']", "List['Later']", "Type[int]",
    )  # fmt: skip
    if bad:
        form = w.pick(
            "Optional[int, str]", "Dict[str]", "List[int, str]", "Union[()]", "Annotated[int]", "Self[int]",
            "List[Optional]", "Optional()", "Any()", "List()", "Callable[int]", "isinstance([], List[int])",
            "isinstance(1, list[int])", "Generic[int]", "TypedDicts", "Dict[str, int].missing", "List['a b']",
        )  # fmt: skip
    typing = w.std("typing")
    names = (
        "Optional Union Dict List Callable Literal Tuple ClassVar Annotated Type Self Any Generic TypedDicts".split()
    )
    for one in names:
        form = _qualified(form, one, typing)
    return f"{w.fresh('Kind')} = {form}"


def _qualified(form: str, name: str, module: str) -> str:
    parts = form.split(name)
    joined = parts[0]
    for part in parts[1:]:
        own = joined[-1:].isalnum() or joined[-1:] in (".", "'") or part[:1].isalnum()
        joined += (name if own else f"{module}.{name}") + part
    return joined


@snippet(0.8, "generic", "generic_parameters")
def generic_parameters(w: Writer, bad: bool) -> str:
    key, value, name = w.fresh("K"), w.fresh("V"), w.fresh("Store", "Pair")
    bases = f"{w.std('typing.Generic')}[{key}, {value}]"
    use = f"{name}[str, int]().get('k')"
    if bad:
        use = w.pick(f"{name}[str]", f"{name}[str, int, int]", f"{name}[str, int]().missing", use)
        bases = w.pick(bases, bases.replace(f"{key}, {value}", f"{key}, {key}"), w.std("typing.Generic"))
    return f"{key} = {w.std('typing.TypeVar')}('{key}')\n{value} = {w.std('typing.TypeVar')}('{value}')\n\n\nclass {name}({bases}):\n    def get(self, key: {key}) -> {value}:\n        return key\n\n\n{w.fresh('stored')} = {use}"


@snippet(0.8, "protocol", "runtime_protocol")
def runtime_protocol(w: Writer, bad: bool) -> str:
    name, impl = w.fresh("Closable", "SupportsSave"), w.fresh("Resource", "Draft")
    mark = f"@{w.std('typing.runtime_checkable')}\n" if not bad or w.chance(0.5) else ""
    use = (
        w.pick(f"{name}()", f"isinstance(3, {name}) or {impl}().gone", f"isinstance({impl}(), {name})")
        if bad
        else f"(isinstance({impl}(), {name}), isinstance(3, {name}))"
    )
    return f"{mark}class {name}({w.std('typing.Protocol')}):\n    def close(self) -> None: ...\n\n\nclass {impl}:\n    def close(self):\n        return None\n\n\n{w.fresh('checked')} = {use}"


@snippet(0.9, "discovery")
def discovery(w: Writer, bad: bool) -> str:
    info, found = w.fresh("info"), w.fresh("FOUND")
    walk = w.std(w.pick("pkgutil.iter_modules", "pkgutil.walk_packages"))
    load = f"{w.std('importlib.import_module')}(f'{{__name__}}.{{{info}.name}}')"
    call = f"{walk}(globals().get('__path__', []))"
    ending = f"{w.fresh('chosen')} = {found}['{w.rng.choice(WORDS)}']" if bad else f"print(sorted({found}))"
    guarded = f"    try:\n        {found}[{info}.name] = {load}\n    except ImportError:\n        continue"
    plain = f"    {found}[{info}.name] = {load}"
    return f"{found} = {{}}\nfor {info} in {call}:\n{plain if bad else guarded}\n{ending}"


@snippet(0.8, "logging_set_up")
def logging_set_up(w: Writer, bad: bool) -> str:
    logging = w.std("logging")
    if w.chance(0.5):
        level = (
            w.pick("'LOUD'", f"{logging}.INFOO", "1.5", "'info'") if bad else w.pick("'INFO'", f"{logging}.DEBUG", "30")
        )
        more = (
            w.pick("", ", format='%(message)s'", ", force=True")
            if not bad
            else w.pick("", ", colour=True", ", style='x'", ", filename='logs/app.log'")
        )
        return f"{logging}.basicConfig(level={level}{more})\n{logging}.getLogger(__name__).info('ready')"
    config = w.std("logging.config.dictConfig")
    handler = "{'class': 'logging.StreamHandler', 'formatter': 'plain'}"
    formatters = "{'plain': {'format': '%(message)s'}}" if not bad else w.pick("{}", "{'plain': {}}")
    version = "'version': 1, " if not bad else w.pick("", "'version': 2, ", "'version': 1, ")
    root = (
        "{'handlers': ['console'], 'level': 'INFO'}"
        if not bad
        else w.pick("{'handlers': ['consol']}", "{'level': 'LOUD'}", "{}")
    )
    return f"{config}({{{version}'formatters': {formatters}, 'handlers': {{'console': {handler}}}, 'root': {root}}})"


@snippet(0.8, "property", "property_deleter")
def property_with_deleter(w: Writer, bad: bool) -> str:
    name = w.fresh("Session_", "Handle")
    after = w.pick("subject.token", "del subject.token", "subject.token = None") if bad else "subject.token = 'new'"
    check = "        if value is None:\n            raise TypeError('a token is needed')\n"
    return f"class {name}:\n    def __init__(self):\n        self._token = 'old'\n\n    @property\n    def token(self):\n        return self._token\n\n    @token.setter\n    def token(self, value):\n{check}        self._token = value\n\n    @token.deleter\n    def token(self):\n        del self._token\n\n\nsubject = {name}()\ndel subject.token\n{after}"


@snippet(0.8, "single_dispatch")
def single_dispatch(w: Writer, bad: bool) -> str:
    name = w.fresh("render", "encode")
    value = w.pick("1.5", "None", "object") if bad else w.pick("3", "'text'", "True")
    default = "    raise NotImplementedError(type(value).__name__)"
    return f"@{w.std('functools.singledispatch')}\ndef {name}(value):\n{default}\n\n\n@{name}.register\ndef _(value: int):\n    return value + 1\n\n\n@{name}.register(str)\ndef _(value):\n    return value.upper()\n\n\n{w.fresh('rendered')} = {name}({value})"


@snippet(0.8, "functools_habits")
def functools_habits(w: Writer, bad: bool) -> str:
    name = w.fresh("Lazy", "Report")
    wanted = "missing" if bad else "rows"
    call = w.pick(f"{name}().table", f"{w.std('functools.partial')}({name}, 1)()") if bad else f"{name}().table"
    return f"class {name}:\n    rows = (1, 2)\n\n    @{w.std('functools.cached_property')}\n    def table(self):\n        return list(self.{wanted})\n\n\n{w.fresh('tabled')} = {call}"


@snippet(0.8, "exit_stack", "context_generator")
def exit_stack(w: Writer, bad: bool) -> str:
    name, log, stack = w.fresh("opened_", "held"), w.fresh("trail"), w.fresh("stack")
    body = "raise KeyError('inside')" if bad else f"{stack}.callback({log}.append, 'called')"
    return f"{log} = []\n\n\n@{w.std('contextlib.contextmanager')}\ndef {name}(value):\n    {log}.append(value)\n    try:\n        yield value\n    finally:\n        {log}.append(-value)\n\n\nwith {w.std('contextlib.ExitStack')}() as {stack}:\n    first = {stack}.enter_context({name}(1))\n    {body}\n\nassert {log} == [1, 'called', -1], {log}"


@snippet(0.8, "dataclass", "dataclass_options")
def dataclass_options(w: Writer, bad: bool) -> str:
    name, field = w.fresh("Config_", "Job"), w.std("dataclasses.field")
    option = (
        w.pick("frozen=True", "kw_only=True", "slots=True", "order=True")
        if not bad
        else w.pick("frozen=True", "slot=True", "frozn=True", "slots=True")
    )
    first = "retries: int" if not bad else w.pick("retries: int", "retries: int = 1", "tags: list = []")
    use = (
        f"{name}(retries=1, name='x')"
        if not bad
        else w.pick(
            f"{name}(1)", f"{name}(retries=1, name='x', more=2)", f"setattr({name}(retries=1, name='x'), 'name', 'y')"
        )
    )
    return f"@{w.std('dataclasses.dataclass')}({option})\nclass {name}:\n    {first}\n    name: str\n    seen: set = {field}(default_factory=set)\n\n\n{w.fresh('configured')} = {use}"


@snippet(0.8, "enum", "enum_values")
def enum_values(w: Writer, bad: bool) -> str:
    name = w.fresh("Planet", "Level_")
    end = f"assert {name}.SECOND.text == 'two' and {name}((1, 'one')) is {name}.FIRST"
    if bad:
        end = w.pick(
            f"{name}.THIRD",
            f"{name}(1)",
            f"{name}['third']",
            f"{name}.FIRST.nothing",
            f"{name}.FIRST = 3",
            f"class {name}2({name}):\n    pass",
        )
    return f"class {name}({w.std('enum.Enum')}):\n    FIRST = (1, 'one')\n    SECOND = (2, 'two')\n\n    def __init__(self, number, text):\n        self.number = number\n        self.text = text\n\n\n{end}"


@snippet(0.8, "format_specs", "fstring")
def format_specs(w: Writer, bad: bool) -> str:
    value = w.pick("3.14159", "'text'", "7", "None", "[1]") if bad else w.pick("3.14159", "7")
    spec = w.pick(":d", ":.2f", ":>8", ":x", ":%Y", "!r:>10", ":,") if bad else w.pick(":.2f", ":>8", "!r:>10", ":,")
    return (
        f"{w.fresh('shown')} = f'{{{value}{spec}}}' + '{{:{{}}}}'.format(1, {w.pick('3', repr('x')) if bad else '3'})"
    )


@snippet(0.8, "text_methods")
def text_methods(w: Writer, bad: bool) -> str:
    text = repr(f"{w.rng.choice(WORDS)}-{w.rng.choice(WORDS)}")
    expression = w.pick(f"{text}.partition('-')[2].title()", "', '.join(map(str, [1, 2]))", f"{text}.removeprefix('x').encode().decode()", "'%s of %d' % ('a', 2)")  # fmt: skip
    if bad:
        expression = w.pick(f"{text}.splits('-')", "', '.join([1, 2])", f"{text} + 1", f"{text}.index('zz')", "'%d' % 'x'", "'%s %s' % ('a',)", "'{} {}'.format(1)", "'{a}'.format(b=1)", f"{text}.split('')", f"{text}.replace('a')", "int('12a')", "float('')")  # fmt: skip
    return f"{w.fresh('text')} = {expression}"


@snippet(0.8, "module_files")
def module_files(w: Writer, bad: bool) -> str:
    path = w.std("pathlib.Path")
    here = w.fresh("HERE", "BASE_DIR")
    end = f"{w.fresh('source')} = len(({here} / {path}(__file__).name).read_text())"
    if bad:
        end = w.pick(
            f"({here} / 'settings.json').read_text()",
            f"open({here} / 'missing.txt')",
            f"{here}.nothing",
            f"({here} / 'a' / 'b').mkdir()",
            f"{here} / 5",
        )
    return f"{here} = {path}(__file__).resolve().parent\n{end}"


@snippet(0.8, "meta_attributes", "metaclass")
def meta_attributes(w: Writer, bad: bool) -> str:
    meta, name = w.fresh("Lookup", "Fields"), w.fresh("Settings_", "Columns")
    wanted = "title" if bad else "field_title"
    return f"class {meta}(type):\n    def __getattr__(cls, name):\n        if name.startswith('field_'):\n            return name[6:]\n        raise AttributeError(f'{{cls.__name__}} has no field {{name}}')\n\n    def __call__(cls, *args):\n        return super().__call__(*args)\n\n\nclass {name}(metaclass={meta}):\n    def __init__(self, value=1):\n        self.value = value\n\n\n{w.fresh('looked_up')} = ({name}(2).value, {name}.{wanted})"


@snippet(0.8, "sending", "generator")
def sending(w: Writer, bad: bool) -> str:
    name, run = w.fresh("averager", "accumulate"), w.fresh("run")
    start = "" if bad else f"next({run})\n"
    return f"def {name}():\n    total = 0\n    while True:\n        total += yield total\n\n\n{run} = {name}()\n{start}{w.fresh('average')} = [{run}.send(n) for n in (1, 2, 3)]"


@snippet(0.8, "unpacking", "starred_target")
def starred_targets(w: Writer, bad: bool) -> str:
    source = (
        w.pick("[1]", "5", "None", "()", "len", "{'a': 1}", "'a'") if bad else w.pick("[1, 2, 3]", "'abc'", "range(4)")
    )
    first = w.fresh("head")
    return f"{first}, *{w.fresh('middle')}, {w.fresh('tail')} = {source}\nprint({first})"


@snippet(0.8, "docstrings")
def docstrings(w: Writer, bad: bool) -> str:
    name = w.fresh("documented", "described")
    text = "None" if bad else f"{name}.__doc__"
    body = "    return None" if bad and w.chance(0.5) else "    '''Says what it does.'''"
    return f"def {name}():\n{body}\n\n\nclass {name.title()}:\n    '''A class of its own.'''\n\n\n{w.fresh('summary')} = ({text}).split('.')[0] + {name.title()}.__doc__"
