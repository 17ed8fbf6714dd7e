"""Places in which an expression is evaluated while a module is imported."""

# ruff: noqa: E501  (a template is one line, however long)
from __future__ import annotations

from .carriers import expression_carrier
from .model import Writer


@expression_carrier(3, "default_args")
def as_default(w: Writer, expression: str) -> str:
    name = w.fresh("query", "paginate", "page")
    return w.pick(
        f"def {name}(limit={expression}):\n    return limit",
        f"def {name}(limit, *, offset={expression}):\n    return offset",
        f"{name} = lambda limit={expression}: limit",
    )


@expression_carrier(2, "lambda")
def as_lambda(w: Writer, expression: str) -> str:
    name = w.fresh("compute", "resolve", "provide")
    return w.pick(
        f"{name} = lambda: {expression}\n{name}()",
        f"{w.fresh('picked')} = (lambda x: {expression})(1)",
        f"{w.fresh('ordered')} = sorted([2, 1], key=lambda n: {expression} or n)"
        if "\n" not in expression
        else expression,
    )


@expression_carrier(3, "comprehension")
def as_comprehension(w: Writer, expression: str) -> str:
    name = w.fresh("items_", "table", "index_")
    return f"{name} = " + w.pick(
        f"[{expression} for _ in range(2)]",
        f"{{str(n): {expression} for n in [1]}}",
        f"{{n for n in [1, 2] if {expression}}}",
        f"list({expression} for _ in [1])",
        f"[n for n in [{expression}]]",
        f"[[{expression} for _ in 'a'] for _ in 'b']",
        f"any({expression} for _ in [1])",
    )


@expression_carrier(2, "fstring")
def as_fstring(w: Writer, expression: str) -> str:
    safe = (
        '"' not in expression
        and "'" not in expression
        and "\\" not in expression
        and "{" not in expression
        and "lambda" not in expression
    )
    return (
        f"{w.fresh('text', 'banner')} = f'v={{{expression}}}'"
        if safe
        else f"{w.fresh('text', 'banner')} = 'v=%s' % ({expression},)"
    )


@expression_carrier(2, "class_body")
def as_class_attribute(w: Writer, expression: str) -> str:
    return f"class {w.fresh('Settings', 'Constants')}:\n    first = 1\n    value = {expression}"


@expression_carrier(1, "walrus")
def as_walrus(w: Writer, expression: str) -> str:
    name = w.fresh("hit", "size")
    return w.pick(
        f"if ({name} := {expression}):\n    pass",
        f"{w.fresh('pair')} = [{name} := {expression}, 1]",
        f"while not ({name} := {expression} or 1):\n    pass",
    )


@expression_carrier(1.5, "conditional_expression")
def as_conditional(w: Writer, expression: str) -> str:
    return f"{w.fresh('choice', 'mode')} = " + w.pick(
        f"{expression} if 1 else 2",
        f"3 if [] else {expression}",
        f"0 or {expression}",
        f"1 and {expression}",
        f"not ({expression})",
        f"({expression}) is None",
        f"1 if {expression} else 2",
    )


@expression_carrier(1.5, "literal_display")
def as_display(w: Writer, expression: str) -> str:
    return f"{w.fresh('registry', 'table')} = " + w.pick(
        f"{{'x': {expression}}}",
        f"[1, {expression}]",
        f"({expression}, 2)",
        f"dict(x={expression})",
        f"[*[{expression}]]",
        f"{{'a': 1, **{{'b': {expression}}}}}",
        f"list([\n    1,\n    {expression},\n])",
    )


@expression_carrier(1, "assert")
def as_assert(w: Writer, expression: str) -> str:
    return w.pick(f"assert [{expression}]", f"assert True, {expression}", f"assert ({expression}, 1)[1] == 1")


@expression_carrier(1, "dataclass")
def as_field(w: Writer, expression: str) -> str:
    deco, field = w.std("dataclasses.dataclass"), w.std("dataclasses.field")
    name = w.fresh("Card", "Entry")
    return w.pick(
        f"@{deco}\nclass {name}:\n    value: object = {field}(default_factory=lambda: {expression})\n\n\n{name}()",
        f"@{deco}\nclass {name}:\n    value: object = {field}(default=None, metadata={{'x': {expression}}})",
    )


@expression_carrier(1, "enum")
def as_member(w: Writer, expression: str) -> str:
    return f"class {w.fresh('Choice', 'Rank')}({w.std('enum.Enum')}):\n    ONE = 1\n    OTHER = [{expression}]"


@expression_carrier(1, "called_at_import")
def as_return(w: Writer, expression: str) -> str:
    name = w.fresh("lookup", "default_value", "current")
    return f"def {name}(*args, **kwargs):\n    return {expression}\n\n\n{w.fresh('looked')} = {name}({w.pick('', '1', 'a=1', '1, b=2')})"


@expression_carrier(1, "star_args")
def as_argument(w: Writer, expression: str) -> str:
    name = w.fresh("gather", "collect")
    return (
        f"def {name}(*parts, **options):\n    return len(parts) + len(options)\n\n\n{w.fresh('size_')} = {name}("
        + w.pick(f"*[{expression}]", f"1, x={expression}", f"{expression}", f"**{{'k': {expression}}}")
        + ")"
    )


@expression_carrier(1, "augmented_assignment")
def as_augmented(w: Writer, expression: str) -> str:
    name = w.fresh("bag", "items_")
    return w.pick(
        f"{name} = []\n{name} += [{expression}]",
        f"{name} = {{}}\n{name}['x'] = {expression}",
        f"{name} = [0]\n{name}[0] = {expression}",
        f"{name} = {{}}\n{name}.setdefault('x', []).append({expression})",
        f"{name} = {{}}\n{name}.update(x={expression})",
    )


@expression_carrier(1, "fstring")
def as_message(w: Writer, expression: str) -> str:
    return (
        f"print({expression}, 'loaded', sep=', ')"
        if w.chance(0.5)
        else f"{w.std('logging')}.getLogger(__name__).debug('loaded %s', {expression})"
    )
