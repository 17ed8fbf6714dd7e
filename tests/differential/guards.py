"""Ways to survive code that raises."""

# ruff: noqa: E501  (a template is one line, however long)
from __future__ import annotations

from collections.abc import Callable

from .model import Writer, block, indent

Guard = Callable[[Writer, str, str], str]


GUARDS: list[tuple[float, Guard]] = []


def guard(weight: float, *features: str) -> Callable[[Guard], Guard]:
    def register(make: Guard) -> Guard:
        def marked(w: Writer, code: str, exception: str) -> str:
            w.mark("try_except", *features)
            return block(make(w, code, exception))

        GUARDS.append((weight, marked))
        return marked

    return register


def protect(w: Writer, code: str, exception: str) -> str:
    """Statements that raise `exception`, survived."""
    return w.rng.choices([make for _, make in GUARDS], [weight for weight, _ in GUARDS])[0](w, code, exception)


def _result(w: Writer) -> str:
    return f"{w.fresh('available', 'fallback', 'HAS_EXTRA')} = {w.pick('None', 'False')}"


@guard(6)
def matching(w: Writer, code: str, exception: str) -> str:
    return f"try:\n{indent(code)}\nexcept {exception}:\n    {_result(w)}"


@guard(3, "except_exception")
def any_exception(w: Writer, code: str, exception: str) -> str:
    if exception == "SystemExit":
        return matching(w, code, exception)
    name = w.fresh("problem", "reason")
    use = w.pick(
        f"{name} = str(error)",
        f"{name} = type(error).__name__",
        "print('skipped:', error)",
        f"{name} = repr(error)",
        f"{name} = error.args",
    )
    return f"try:\n{indent(code)}\nexcept Exception as error:\n    {use}"


@guard(3, "except_tuple")
def tuple_of_exceptions(w: Writer, code: str, exception: str) -> str:
    inner = exception.strip("()")
    return f"try:\n{indent(code)}\nexcept ({w.pick('KeyError, ', '')}{inner}, OSError){w.pick('', ' as error')}:\n    {_result(w)}"


@guard(2, "except_bare")
def bare(w: Writer, code: str, exception: str) -> str:
    return f"try:\n{indent(code)}\nexcept:  # noqa: E722\n    {_result(w)}"


@guard(2, "try_else", "finally")
def with_else_and_finally(w: Writer, code: str, exception: str) -> str:
    name = w.fresh("loaded", "done")
    return f"try:\n{indent(code)}\nexcept {exception}:\n    {name} = False\nelse:\n    {name} = True\nfinally:\n    {w.fresh('checked')} = True"


@guard(2, "try_nested")
def nested(w: Writer, code: str, exception: str) -> str:
    inner = f"try:\n{indent(code)}\nexcept {w.pick('ZeroDivisionError', 'StopIteration', 'UnicodeError')}:\n    pass"
    return f"try:\n{indent(inner)}\nexcept {exception}:\n    {_result(w)}"


@guard(1.5, "reraise", "try_nested")
def raised_again(w: Writer, code: str, exception: str) -> str:
    inner = (
        f"try:\n{indent(code)}\nexcept {exception}{w.pick('', ' as error')}:\n    {w.fresh('seen')} = True\n    raise"
    )
    return f"try:\n{indent(inner)}\nexcept {exception}:\n    {_result(w)}"


@guard(1.5, "raise_from", "try_nested")
def raised_from(w: Writer, code: str, exception: str) -> str:
    inner = f"try:\n{indent(code)}\nexcept {exception} as error:\n    raise RuntimeError('cannot load') from {w.pick('error', 'None', 'error')}"
    name = w.fresh("origin", "trigger")
    return f"try:\n{indent(inner)}\nexcept RuntimeError as final:\n    {name} = {w.pick('type(final.__cause__).__name__', 'str(final)', 'final.__cause__ is None')}"


@guard(2, "suppress")
def suppressed(w: Writer, code: str, exception: str) -> str:
    return f"with {w.std('contextlib.suppress')}({exception.strip('()')}):\n{indent(code)}\n    {w.fresh('reached')} = True"


@guard(1.5, "context_class", "context_suppressing")
def suppressed_by_own(w: Writer, code: str, exception: str) -> str:
    name = w.fresh("Ignoring", "Tolerant")
    test = w.pick("kind is not None", "True", f"kind is not None and issubclass(kind, {exception})")
    return f"class {name}:\n    def __enter__(self):\n        return self\n\n    def __exit__(self, kind, error, trace):\n        return {test}\n\n\nwith {name}():\n{indent(code)}"


@guard(1.5, "context_generator", "context_suppressing", "generator")
def suppressed_by_generator(w: Writer, code: str, exception: str) -> str:
    name = w.fresh("ignoring", "tolerant")
    return f"@{w.std('contextlib.contextmanager')}\ndef {name}():\n    try:\n        yield\n    except {exception}:\n        pass\n\n\nwith {name}():\n{indent(code)}"


@guard(1.5, "import_error_name")
def by_name(w: Writer, code: str, exception: str) -> str:
    if exception not in ("ImportError", "ModuleNotFoundError"):
        return matching(w, code, exception)
    name = w.fresh("absent", "lacking")
    use = w.pick(
        f"{name} = error.name",
        f"if error.name == 'nothing_like_it':\n        raise\n    {name} = error.name",
        f"{name} = str(error)",
        f"{name} = error.msg",
        f"if not error.name:\n        raise\n    {name} = error.path",
    )
    return f"try:\n{indent(code)}\nexcept ImportError as error:\n    {use}"


@guard(1.5, "called_at_import")
def in_function_with_return(w: Writer, code: str, exception: str) -> str:
    name = w.fresh("try_load", "probe", "detect")
    if any(line.startswith("from") and line.endswith("*") for line in code.split("\n")):
        return matching(w, code, exception)
    return f"def {name}():\n    try:\n{indent(code, 2)}\n    except {exception}:\n        return None\n    return True\n\n\n{w.fresh('detected')} = {name}()"


@guard(0.7, "finally", "called_at_import")
def swallowed_by_finally(w: Writer, code: str, exception: str) -> str:
    name = w.fresh("attempt_all", "quietly")
    if any(line.startswith("from") and line.endswith("*") for line in code.split("\n")):
        return matching(w, code, exception)
    return f"def {name}():\n    try:\n{indent(code, 2)}\n    finally:\n        return 1\n\n\n{w.fresh('swallowed')} = {name}()"


@guard(0.7, "loop_for")
def first_that_works(w: Writer, code: str, exception: str) -> str:
    return f"for {w.fresh('attempt')} in range(2):\n    try:\n{indent(code, 2)}\n    except {exception}:\n        continue\n    break\nelse:\n    {_result(w)}"


@guard(0.8, "chained_fallback")
def fallback_raises_too(w: Writer, code: str, exception: str) -> str:
    inner = f"try:\n{indent(code)}\nexcept {exception}:\n    import {w.pick('orjson', 'ujson', 'simplejson')} as {w.fresh('backend_json')}"
    return f"try:\n{indent(inner)}\nexcept ImportError:\n    {_result(w)}"
