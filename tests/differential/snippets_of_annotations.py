"""Annotations of every kind, and names that exist for the type checker only."""

# ruff: noqa: E501  (a template is one line, however long)
from __future__ import annotations

from .model import Writer
from .snippets import importable, snippet
from .uses import use


@snippet(4, "annotation_function")
def annotated_function(w: Writer, bad: bool) -> str:
    name, missing = w.fresh("save_one", "convert", "lookup_one"), w.pick("UserOut", "OrderRow", "Session", "Request")
    if missing in w.bound:
        return ""
    w.mark("annotation_undefined")
    bare = bad or w.module.traits & {"future"}
    note = (
        w.pick(missing, f"list[{missing}]", f"{missing} | None")
        if bare
        else w.pick(repr(missing), f"list[{missing!r}]", f"{w.std('typing.Optional')}[{missing!r}]")
    )
    later = f"\n\n\nclass {missing}:\n    pass" if w.chance(0.5) and w.claim(missing, "own") else ""
    if later:
        w.mark("annotation_later")
    head = w.pick(
        f"def {name}(item: {note}):",
        f"def {name}(item, *, other: {note} = None):",
        f"def {name}(item=None) -> {note}:",
        f"async def {name}(*items: {note}):",
    )
    return f"{head}\n    return None{later}"


@snippet(3, "annotation_class")
def annotated_class(w: Writer, bad: bool) -> str:
    name, missing = w.fresh("Record", "Envelope", "Page"), w.pick("Author", "Money", "Address")
    if missing in w.bound:
        return ""
    w.mark("annotation_undefined")
    bare = bad or w.module.traits & {"future"}
    note = missing if bare else repr(missing)
    value = w.pick("", " = None")
    deco = f"@{w.std('dataclasses.dataclass')}\n" if w.chance(0.35) else ""
    later = f"\n\n\nclass {missing}:\n    pass" if w.chance(0.5) and w.claim(missing, "own") else ""
    own = f"\n    following: {name if bare else repr(name)} = None" if w.chance(0.3) else ""
    return f"{deco}class {name}:\n    first: {note}{value}\n    second: int = 0{own}{later}"


@snippet(2.5, "annotation_module")
def annotated_variable(w: Writer, bad: bool) -> str:
    name, missing = w.fresh("current_user", "pool", "mailer_client"), w.pick("Engine", "Mailer", "AsyncPool")
    if missing in w.bound:
        return ""
    w.mark("annotation_undefined")
    note = missing if bad or w.module.traits & {"future"} else repr(missing)
    return f"{name}: {note}{w.pick('', ' = None')}"


@snippet(1, "annotation_local")
def annotated_local(w: Writer, bad: bool) -> str:
    name = w.fresh("collect_rows", "tally")
    return f"def {name}():\n    rows: UndefinedRow = []\n    total: Undefined.Total\n    return rows\n\n\n{w.fresh('rows_')} = {name}()"


@snippet(4.8, "type_checking")
def type_checking(w: Writer, bad: bool) -> str:
    chosen = importable(w) or next(((module, symbol) for module in w.module.back for symbol in module.exports), None)
    if chosen is None or chosen[1].name in w.bound:
        return ""
    module, symbol = chosen
    w.bound[symbol.name] = f"type checking {module.name}"
    name = w.fresh("describe_one", "apply_to")
    if bad:
        w.mark("type_checking_runtime")
        after = w.pick(
            f"{w.fresh('made')} = {use(w, symbol.name, symbol)}",
            f"def {name}(item: {symbol.name}):\n    return item",
            f"def {name}():\n    return {symbol.name}\n\n\n{name}()",
            f"class {w.fresh('Child')}:\n    kind: {symbol.name} = None",
        )
    else:
        w.mark("annotation_string")
        note = symbol.name if "future" in w.module.traits else repr(symbol.name)
        guarded = f"try:\n    {w.fresh('now')} = {use(w, symbol.name, symbol)}\nexcept NameError:\n    {w.fresh('not_now')} = True"
        if w.chance(0.38):
            w.mark("type_checking_runtime")
            return f"if {w.std('typing.TYPE_CHECKING')}:\n    from {module.name} import {symbol.name}\n\n{guarded}"
        after = w.pick(
            f"def {name}(item: {note}) -> {note}:\n    return item",
            f"def {name}():\n    return {symbol.name}",
            f"class {w.fresh('Holder')}:\n    item: {note} = None",
        )
    test = w.std("typing.TYPE_CHECKING")
    return f"if {test}:\n    from {module.name} import {symbol.name}\n\n\n{after}"


@snippet(1, "type_checking", "type_checking_missing")
def type_checking_of_missing(w: Writer, bad: bool) -> str:
    return f"if {w.std('typing.TYPE_CHECKING')}:\n    from {w.pick('sqlalchemy.orm', 'redis', 'starlette.requests')} import {w.pick('Session', 'Client', 'Request')}"


@snippet(1.2, "get_type_hints")
def type_hints(w: Writer, bad: bool) -> str:
    name = w.fresh("typed_one", "hinted")
    note = "'NotDefinedAnywhere'" if bad else w.pick("'int'", "int", "'list[int]'")
    return (
        f"def {name}(item: {note}):\n    return item\n\n\n{w.fresh('hints')} = {w.std('typing.get_type_hints')}({name})"
    )


@snippet(1.2, "typing_generics")
def typing_use(w: Writer, bad: bool) -> str:
    typing = {name: w.std(f"typing.{name}") for name in ("Optional", "Union", "Callable", "Any")}
    name = w.fresh("Handler", "Payload_")
    ways = [
        f"{typing['Callable']}[[int, str], bool]",
        f"{typing['Optional']}[{typing['Union']}[int, str]]",
        "dict[str, list[int]]",
        f"{typing['Union']}[int, 'Later', None]",
        f"tuple[{typing['Any']}, ...]",
        "int | None",
    ]
    if bad:
        ways = [
            f"{typing['Optional']}[int, str]",
            "int | 'Later'",
            "list[int].missing",
            f"{typing['Union']}[()]",
            "[int] | None",
        ]
    return f"{name} = {w.rng.choice(ways)}\n\n\ndef {w.fresh('takes')}(value: {name}) -> {typing['Any']}:\n    return value"


@snippet(1, "protocol", "abc")
def protocols(w: Writer, bad: bool) -> str:
    name, impl = w.fresh("Repository", "Notifier"), w.fresh("InMemory", "Console")
    call = f"{name}()" if bad else f"{impl}().get(1)"
    return f"class {name}({w.std('typing.Protocol')}):\n    def get(self, key: int) -> object: ...\n\n\nclass {impl}:\n    def get(self, key):\n        return key\n\n\n{w.fresh('got')} = {call}"
