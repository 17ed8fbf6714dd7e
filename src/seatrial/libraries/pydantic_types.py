"""Which types pydantic can make a validator for, and which part of an annotation it refuses.

Source: pydantic 1.10 `validators.find_validators`, pydantic 2.7 to 2.14 `_internal/_generate_schema.py` (`match_type`,
`_match_generic_type`).
"""

from __future__ import annotations

import builtins
import enum
import pathlib
from collections.abc import Iterator

from seatrial.libraries.annotations import alternatives, bases, dotted, is_annotated, is_union, origin_name
from seatrial.libraries.definitions import blueprint, words
from seatrial.libraries.values import (
    ABSENT,
    Bound,
    Builtin,
    Class,
    External,
    ExternalInstance,
    Function,
    Instance,
    Module,
    TypeForm,
    Unknown,
    Value,
    Wrapped,
)
from seatrial.libraries.world import World

_PLAIN = (str, bytes, int, float, bool, complex, object, dict, tuple, list, set, frozenset, type, type(None))
_STDLIB = frozenset("""
    datetime.date datetime.datetime datetime.time datetime.timedelta decimal.Decimal fractions.Fraction uuid.UUID
    zoneinfo.ZoneInfo collections.deque collections.OrderedDict collections.defaultdict collections.Counter
    ipaddress.IPv4Address ipaddress.IPv4Interface ipaddress.IPv4Network ipaddress.IPv6Address ipaddress.IPv6Interface
    ipaddress.IPv6Network os.PathLike pathlib.Path pathlib.PurePath pathlib.PosixPath pathlib.WindowsPath
    pathlib.PurePosixPath pathlib.PureWindowsPath re.Pattern enum.Enum enum.IntEnum enum.StrEnum enum.Flag enum.IntFlag
    """.split())  # fmt: skip
_REFUSED_FORMS = frozenset({
    "NoReturn", "Never", "Iterator", "AsyncIterator", "AsyncIterable", "AsyncGenerator", "Coroutine", "Awaitable",
    "ContextManager", "AsyncContextManager", "Container", "Collection", "Reversible", "KeysView", "ValuesView",
    "ItemsView", "Sized", "IO", "TextIO", "BinaryIO", "AbstractContextManager", "AbstractAsyncContextManager",
})  # fmt: skip
_HOOKS = ("__get_pydantic_core_schema__", "__get_validators__", "__pydantic_core_schema__", "__pydantic_model__")
MODELS = frozenset({"pydantic.main.BaseModel", "pydantic.BaseModel", "pydantic.v1.main.BaseModel"})
_FAMILIES = (
    "typing.NamedTuple",
    "typing.TypedDict",
    "typing_extensions.TypedDict",
    "typing_extensions.NamedTuple",
    "enum.",
)
_V1_FAMILIES = ("str", "bytes", "bool", "int", "float", "dict", "list", "tuple", "set", "frozenset")


def refused(world: World, annotation: Value, *, arbitrary: bool = False, depth: int = 0) -> Value:
    """The part of an annotation that pydantic refuses; ABSENT where it takes all of it, or where that is not known."""
    if depth > 12:
        return ABSENT
    if isinstance(annotation, TypeForm):
        return _form(world, annotation, arbitrary, depth)
    if isinstance(annotation, Class):
        return _own_class(world, annotation, arbitrary, depth)
    if isinstance(annotation, type):
        return ABSENT if arbitrary or _builtin(world, annotation) else annotation
    if isinstance(annotation, External):
        return _external(world, annotation, arbitrary)
    if isinstance(annotation, Builtin):
        return _function_like(world, annotation, arbitrary, depth)
    if annotation is None or isinstance(annotation, str | Unknown | ExternalInstance | Function | Bound | Wrapped):
        return ABSENT
    if isinstance(annotation, Instance | Module | int | float | list | tuple) or annotation is Ellipsis:
        return annotation
    return ABSENT


def is_v1(world: World) -> bool:
    """Whether the installed pydantic is version 1."""
    return (world.version("pydantic") or (2,)) < (2,)


def _builtin(world: World, kind: type) -> bool:
    """Whether a class of Python's own is taken; enumerations and named tuples of the backend are real classes too."""
    if issubclass(kind, enum.Enum | pathlib.PurePath) or hasattr(kind, "_fields"):
        return True
    if dotted(kind) in _STDLIB:
        return _since(world, kind.__name__)
    if dotted(kind).rpartition(".")[0] in ("typing", "collections.abc"):
        return kind.__name__ not in _REFUSED_FORMS
    if is_v1(world):
        return kind is object or issubclass(kind, _PLAIN[:5] + _PLAIN[7:12]) or kind in (type, type(None))
    if kind is complex:
        return (world.version("pydantic") or (2, 9)) >= (2, 9)
    return kind in _PLAIN


def _since(world: World, name: str) -> bool:
    """Whether this release knows a class of the standard library that earlier ones do not."""
    if name not in ("Fraction", "ZoneInfo") or world.packages is None:
        return True
    return world.packages.has("pydantic._internal._generate_schema", name) is True


def _form(world: World, form: TypeForm, arbitrary: bool, depth: int) -> Value:
    name = origin_name(form)
    tail = name.rpartition(".")[2]
    special = name.startswith(("typing.", "typing_extensions.", "collections.abc.", "contextlib."))
    if (special and tail in ("Literal", "Callable", "Type", "ClassVar")) or form.origin is type:
        return ABSENT
    if is_annotated(form):
        hooked = any(_may_hook(one) for one in form.args[1:])
        return ABSENT if hooked else refused(world, form.args[0], arbitrary=arbitrary, depth=depth + 1)
    if isinstance(form.origin, Class):
        return refused(world, form.origin, arbitrary=arbitrary, depth=depth + 1)
    if special and tail in _REFUSED_FORMS and not arbitrary and not is_v1(world):
        return form
    parts = alternatives(form) if is_union(form) else form.args
    if not is_union(form) and not special and not isinstance(form.origin, type) and name not in _STDLIB:
        return ABSENT  # a library's own generic class
    for part in parts:
        if part is not Ellipsis and (found := refused(world, part, arbitrary=arbitrary, depth=depth + 1)) is not ABSENT:
            return found
    return ABSENT


def _may_hook(value: Value) -> bool:
    """Whether metadata may bring a schema of its own."""
    if isinstance(value, ExternalInstance):
        return not value.type.name.startswith(("fastapi.params.", "annotated_types."))
    return isinstance(value, Class | Instance | External)


def _own_class(world: World, cls: Class, arbitrary: bool, depth: int) -> Value:
    found = bases(world, cls) or ()
    if arbitrary or any(name in MODELS or name.startswith(_FAMILIES) for name in found) or "typed dict" in cls.traits:
        return ABSENT
    if any(world.attribute(cls, hook) is not ABSENT and _certainly(cls, hook) for hook in _HOOKS):
        return ABSENT
    if any(_is_dataclass(base) for base in cls.mro):
        return _fields(world, cls, depth)
    if is_v1(world) and any(f"builtins.{kind}" in found for kind in _V1_FAMILIES):
        return ABSENT
    return ABSENT if "?" in found or _library_takes(world, cls) else cls


def _certainly(cls: Class, name: str) -> bool:
    return any(isinstance(base, Class) and name in base.namespace for base in cls.mro)


def _is_dataclass(base: Value) -> bool:
    return isinstance(base, Class) and "__dataclass_fields__" in base.namespace


def _library_takes(world: World, cls: Class) -> bool:
    """Whether one of the class's library ancestors is a type that pydantic takes."""
    return any(
        isinstance(base, External) and (known := blueprint(world, base.name)) is not None and _hooked(known.members)
        for base in cls.mro
    )


def _hooked(members: frozenset[str]) -> bool:
    return any(hook in members for hook in _HOOKS)


def _fields(world: World, cls: Class, depth: int) -> Value:
    """What is refused of the fields of a standard dataclass."""
    for base in cls.mro:
        for annotation in world.annotations(base).values() if isinstance(base, Class) else ():
            found = refused(world, annotation, depth=depth + 1)
            if found is not ABSENT:
                return found
    return ABSENT


def _external(world: World, value: External, arbitrary: bool) -> Value:
    name = dotted(value)
    module, _, tail = name.rpartition(".")
    if arbitrary or name in MODELS or (name in _STDLIB and _since(world, tail)):
        return ABSENT
    if module in ("typing", "typing_extensions", "collections.abc"):
        return value if tail in _REFUSED_FORMS and not is_v1(world) else ABSENT
    if value.kind != "class":
        return ABSENT
    known = blueprint(world, value.name)
    if known is None:
        return value if world.is_standard(module) and not module.startswith(("typing", "enum")) else ABSENT
    if not known.rooted or known.dataclass or _hooked(known.members):
        return ABSENT
    if any(one in MODELS or one in _STDLIB or one.startswith(_FAMILIES) for one in known.ancestry):
        return ABSENT
    return ABSENT if is_v1(world) and _v1_takes(known.ancestry) else value


def _v1_takes(ancestry: tuple[str, ...]) -> bool:
    return any(f"builtins.{kind}" in ancestry for kind in _V1_FAMILIES)


def _function_like(world: World, value: Builtin, arbitrary: bool, depth: int) -> Value:
    if "__supertype__" in value.attributes:
        return refused(world, value.attributes["__supertype__"], arbitrary=arbitrary, depth=depth + 1)
    if value.attributes or "." in value.name or arbitrary:
        return ABSENT
    return value


def parts_of(annotation: Value) -> Iterator[Value]:
    """An annotation and everything inside it that is an annotation too."""
    yield annotation
    if isinstance(annotation, TypeForm) and not origin_name(annotation).endswith(".Literal"):
        for part in annotation.args[:1] if is_annotated(annotation) else annotation.args:
            yield from parts_of(part)


def refuse_user_error(world: World, error: str, text: str, code: str, subject: str = "") -> None:
    """Raise `pydantic.errors.Pydantic<error>` with the link that pydantic puts below its text."""
    world.refuse("pydantic", code or "misuse", f"pydantic.errors.Pydantic{error}", text + link(world, code), subject)


def link(world: World, code: str) -> str:
    """What pydantic puts below the text of an error with a code."""
    release = ".".join(str(part) for part in (world.version("pydantic") or (2, 0))[:2])
    return f"\n\nFor further information visit https://errors.pydantic.dev/{release}/u/{code}" if code else ""


def refuse_in_words(world: World, module: str, fragment: str, *values: str, subject: str = "") -> bool:
    """Raise what a module of pydantic raises with this message; false where the release has no such message."""
    found = words(world, f"pydantic.{module}", fragment, *values)
    if found is None:
        return False
    code = found.code or _CODES.get(found.exception, "")
    text = found.text + link(world, code)
    kind = getattr(builtins, found.exception, None)
    exception = kind(text) if isinstance(kind, type) else found.exception or "pydantic.errors.PydanticUserError"
    world.refuse("pydantic", code or "misuse", exception, text, subject)
    return True


_CODES = {"pydantic.errors.PydanticSchemaGenerationError": "schema-for-unknown-type"}
