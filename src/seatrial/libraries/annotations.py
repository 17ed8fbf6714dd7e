"""Annotations as values: their parts, whether one names a subclass of something, and their text.

Texts follow `typing._type_repr` and `types.GenericAlias.__repr__`; they are what libraries put into their messages.
"""

from __future__ import annotations

from seatrial.libraries.definitions import blueprint
from seatrial.libraries.values import (
    Builtin,
    Class,
    External,
    ExternalInstance,
    Function,
    Instance,
    Module,
    TypeForm,
    Undecided,
    Unknown,
    Value,
)
from seatrial.libraries.world import World

_UNIONS = frozenset({"typing.Union", "typing.Optional", "types.UnionType"})
_C_MODULES = ("_datetime.", "_decimal.", "_collections.", "_zoneinfo.", "_struct.", "_random.")
_ABSTRACT = "_collections_abc."
ADDRESS = "0x0"  # where CPython shows the address of an object


def origin_name(annotation: Value) -> str:
    """The dotted name of what is parametrised (`typing.List` of `List[int]`); "" where it is no library's."""
    return dotted(annotation.origin) if isinstance(annotation, TypeForm) else ""


def dotted(value: Value) -> str:
    """The public dotted name of a class or special form of a library or of the standard library."""
    if isinstance(value, type):
        name = "" if value.__module__ == "builtins" else f"{value.__module__}.{value.__qualname__}"
    elif isinstance(value, External | Builtin):
        name = value.name
    else:
        return ""
    if name.startswith(_ABSTRACT):
        return "collections.abc." + name.removeprefix(_ABSTRACT)
    return name[1:] if name.startswith(_C_MODULES) else name


def is_annotated(annotation: Value) -> bool:
    """Whether it is `Annotated[...]`."""
    return origin_name(annotation).endswith(".Annotated")


def is_union(annotation: Value) -> bool:
    """Whether it is `Union[...]`, `Optional[...]` or `A | B`."""
    return origin_name(annotation) in _UNIONS


def alternatives(annotation: TypeForm) -> tuple[Value, ...]:
    """The members of a union, nested ones flattened; None for the type of None."""
    found: list[Value] = []
    for arg in (None if one is type(None) else one for one in annotation.args):
        for part in alternatives(arg) if isinstance(arg, TypeForm) and is_union(arg) else (arg,):
            if part not in found:
                found.append(part)
    if origin_name(annotation) == "typing.Optional" and None not in found:
        found.append(None)
    return tuple(found)


def bases(world: World, value: Value) -> tuple[str, ...] | None:
    """The dotted names of a class and its ancestors as far as they are libraries' or built-in; None for no class.

    An ancestor that is not known is there as "?".
    """
    if isinstance(value, type):
        return tuple(dotted(kind) or f"builtins.{kind.__name__}" for kind in value.__mro__)
    if isinstance(value, Class):
        found: list[str] = []
        for base in value.mro[1:]:
            if isinstance(base, Class):
                continue
            above = bases(world, base)
            found += ("?",) if above is None else above
        return (f"{value.module}.{value.qualname}", *found)
    if isinstance(value, Builtin):
        return (value.name,)
    if isinstance(value, External) and value.kind in ("class", ""):
        known = blueprint(world, value.name)
        if known is None:
            return (dotted(value),) if value.kind == "class" else (dotted(value), "?")
        return known.ancestry if known.rooted else (*known.ancestry, "?")
    return None


def is_subclass(world: World, value: Value, *names: str) -> bool | None:
    """Whether an annotation is a class that derives from one of these; None where that cannot be told."""
    if isinstance(value, Unknown):
        return None
    found = bases(world, value)
    if found is None:
        return False
    if any(name in found for name in names):
        return True
    return None if "?" in found else False


def shown(world: World, value: Value) -> str:
    """`str(annotation)`; raises Undecided where that cannot be known."""
    if isinstance(value, Class | type | External) and not _is_special(value):
        return f"<class '{_named(world, value)}'>"
    return _inner(world, value, nested=False)


def _is_special(value: Value) -> bool:
    return isinstance(value, External) and (value.kind != "class" or value.name.startswith(("typing.", "typing_ext")))


def _named(world: World, value: Value) -> str:
    if isinstance(value, type):
        return dotted(value) or value.__name__
    if isinstance(value, Class):
        return f"{value.module}.{value.qualname}"
    return dotted(value).removeprefix("builtins.")


def _inner(world: World, value: Value, *, nested: bool) -> str:
    """The text of an annotation, as it stands inside another one when `nested`."""
    if isinstance(value, TypeForm):
        return _form(world, value)
    if isinstance(value, Class | type) or (isinstance(value, External) and value.name):
        return "NoneType" if value is type(None) else _named(world, value)
    if isinstance(value, Builtin):
        if "__supertype__" in value.attributes:
            raise Undecided("the text of a NewType")
        return value.name if nested else f"<built-in function {value.name}>"
    if isinstance(value, Instance):
        return f"<{value.type.module}.{value.type.qualname} object at {ADDRESS}>"
    if isinstance(value, Function):
        return f"<function {value.qualname} at {ADDRESS}>"
    if isinstance(value, list) and not nested:
        return f"[{', '.join(shown(world, one) for one in value)}]"
    if isinstance(value, Unknown | ExternalInstance):
        raise Undecided("the text of something unknown")
    return repr(value) if not isinstance(value, Module) or value.origin else "<module>"


def _form(world: World, form: TypeForm) -> str:
    name = origin_name(form)
    if name in _UNIONS:
        return _union(world, form, pipes=name == "types.UnionType" or world.python >= (3, 14))
    modern = not name.startswith(("typing.", "typing_extensions."))
    outer = _named(world, form.origin)
    parts = form.args
    if name.endswith(".Annotated"):
        rest = [_inner(world, one, nested=False) for one in parts[1:]]
        return f"typing.Annotated[{', '.join([_inner(world, parts[0], nested=True), *rest])}]"
    return f"{outer}[{', '.join(_argument(world, one, modern) for one in parts)}]"


def _argument(world: World, value: Value, modern: bool) -> str:
    if value is None:
        return "None" if modern else "NoneType"
    if value is Ellipsis:
        return "..."
    if isinstance(value, str) and not modern:
        return f"ForwardRef({value!r})"
    if isinstance(value, list):
        return f"[{', '.join(_argument(world, one, modern) for one in value)}]"
    return _inner(world, value, nested=True)


def _union(world: World, form: TypeForm, *, pipes: bool) -> str:
    parts = alternatives(form)
    if pipes:
        return " | ".join("None" if part is None else _argument(world, part, False) for part in parts)
    named = ["NoneType" if part is None else _argument(world, part, False) for part in parts]
    if len(parts) == 2 and None in parts:
        return f"typing.Optional[{next(n for n, p in zip(named, parts, strict=True) if p is not None)}]"
    return f"typing.Union[{', '.join(named)}]"
