"""What pydantic checks when a class that derives from its models is made.

Source: pydantic 2.7 to 2.14, `_internal/_model_construction.py`, `_internal/_fields.py`,
`_internal/_generate_schema.py`, `networks.py`; pydantic 1.10, `main.ModelMetaclass.__new__`, `fields.ModelField`. A
class with an annotation that names something which is not there yet is left unfinished: nothing of its types is
looked at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from seatrial.libraries.annotations import dotted, shown
from seatrial.libraries.definitions import wording
from seatrial.libraries.pydantic_decorators import check_fields, check_functions
from seatrial.libraries.pydantic_types import MODELS, is_v1, parts_of, refuse_in_words, refuse_user_error, refused
from seatrial.libraries.values import (
    ABSENT,
    Bound,
    Builtin,
    Class,
    External,
    ExternalInstance,
    Function,
    Module,
    TypeForm,
    Undecided,
    Unknown,
    Unresolved,
    Value,
    Wrapped,
)
from seatrial.libraries.world import World

_EMAILS = frozenset(
    {"pydantic.networks.EmailStr", "pydantic.networks.NameEmail", "pydantic.EmailStr", "pydantic.NameEmail"}
)
_ARBITRARY_BASES = ("pydantic_settings.main.BaseSettings",)
_FIELDS = "_internal._fields"
_CONSTRUCTION = "_internal._model_construction"
_SETTINGS = ("model_config", "__pydantic_extra__")
_DEPTH = 5  # models that lead to one another


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a model, as far as it matters for making the class."""

    name: str
    annotation: Value


def made(world: World, cls: Class, keywords: dict[str, Value]) -> Value:
    """A class derived from a model is complete."""
    if is_v1(world):
        _check_types(world, cls, keywords)
        return ABSENT
    if not _refused_namespace(world, cls) and not check_functions(world, cls) and not _refused_fields(world, cls):
        _finish(world, cls, keywords)
    add_rebuilding(world, cls)
    return ABSENT


def _finish(world: World, cls: Class, keywords: dict[str, Value]) -> None:
    """`complete_model_class`: put off as long as a name is missing."""
    fields = fields_of(world, cls)
    whole = _is_complete(world, [field.annotation for field in fields])
    if whole and not check_fields(world, cls, {field.name for field in fields}):
        _check_types(world, cls, keywords)


def add_rebuilding(world: World, cls: Class) -> None:
    """Give a model the methods that look at the names in its annotations once more."""

    def rebuild(inner: World, args: list[Value], kwargs: dict[str, Value]) -> Value:
        if not args and not kwargs:
            _rebuild(inner, cls)
        return None

    for name in ("model_rebuild", "update_forward_refs"):
        cls.namespace.setdefault(name, Wrapped("staticmethod", Builtin(name, rebuild)))


def _rebuild(world: World, cls: Class) -> None:
    for field in fields_of(world, cls):
        for part in parts_of(field.annotation):
            missing = part.missing if isinstance(part, Unresolved) else ""
            if missing and not world.sees(missing):
                text = f"name {missing!r} is not defined"
                refuse_user_error(world, "UndefinedAnnotation", text, "undefined-annotation", missing)
                return


def _refused_namespace(world: World, cls: Class) -> bool:
    """`inspect_namespace`."""
    names = cls.namespace
    if "Config" in names and names.get("model_config"):
        return refuse_in_words(world, "_internal._config", '"Config" and "model_config" cannot be used together')
    if "__root__" in names or "__root__" in _own_annotations(world, cls):
        return refuse_in_words(world, _CONSTRUCTION, "To define root models, use `pydantic.RootModel`")
    for name, value in names.items():
        if is_field_info(value) and name.startswith("_"):
            good = name.lstrip("_") or "my_field"
            text = "Fields must not use names with leading underscores; e.g., use {} instead of {}."
            return refuse_in_words(world, _CONSTRUCTION, text, repr(good), repr(name), subject=name)
        if _is_private(value) and not name.startswith("_"):
            text = "Private attributes must not use valid field names; use sunder names, e.g. {} instead of {}."
            return refuse_in_words(world, _CONSTRUCTION, text, repr("_" + name), repr(name), subject=name)
    return False


def _is_private(value: Value) -> bool:
    found = value.type.name if isinstance(value, ExternalInstance) else getattr(value, "why", "")
    return isinstance(found, str) and found.removesuffix("()").endswith((".PrivateAttr", ".ModelPrivateAttr"))


def is_field_info(value: Value) -> bool:
    """Whether `Field(...)` made it."""
    return isinstance(value, Unknown) and value.why == "pydantic.Field"


def _refused_fields(world: World, cls: Class) -> bool:
    """`collect_model_fields`: what stands in the class without an annotation."""
    annotations = _own_annotations(world, cls)
    if "model_config" in annotations and cls.namespace.get("model_config") is None:
        return refuse_in_words(world, _FIELDS, "`model_config` cannot be used as a model field name")
    inherited = {field.name for base in cls.mro[1:] if isinstance(base, Class) for field in _own_fields(world, base)}
    for name, value in cls.namespace.items():
        if name in annotations or not _is_candidate(cls, name, value):
            continue
        if name in inherited:
            text = "Field {} defined on a base class was overridden by a non-annotated attribute"
            return _either(world, text, repr(name), subject=name)
        if is_field_info(value) and _either(world, "Field {} requires a type annotation", repr(name), subject=name):
            return True
        return _either(world, "A non-annotated attribute was detected: `{} = {}`", name, _text(world, value), name)
    return False


def _either(world: World, fragment: str, *values: str, subject: str = "") -> bool:
    """Older releases make these checks where they look at the names of the class."""
    return refuse_in_words(world, _FIELDS, fragment, *values, subject=subject) or refuse_in_words(
        world, _CONSTRUCTION, fragment, *values, subject=subject
    )


def _text(world: World, value: Value) -> str:
    try:
        return shown(world, value) if not isinstance(value, str) else repr(value)
    except Undecided:
        return "..."


def _is_candidate(cls: Class, name: str, value: Value) -> bool:
    if name.startswith("_") or name in (*_SETTINGS, "Config") or name in _class_vars(cls):
        return False
    if isinstance(value, Class):
        return not value.qualname.startswith(f"{cls.qualname}.")
    if isinstance(value, Function | Wrapped | Bound) or (isinstance(value, Builtin) and value.kind == "function"):
        return False
    if isinstance(value, Builtin) and value.attributes:
        return False  # what a decorator or functools has made
    return is_field_info(value) or not isinstance(value, Unknown)


def _class_vars(cls: Class) -> set[str]:
    nodes = (base.node for base in cls.mro if isinstance(base, Class) and base.node is not None)
    return {name for node in nodes for name in _written_class_vars(node)}


@lru_cache(maxsize=4096)
def _written_class_vars(node: ast.ClassDef) -> tuple[str, ...]:
    return tuple(
        statement.target.id
        for statement in node.body
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and "ClassVar" in ast.unparse(statement.annotation)
    )


def _own_annotations(world: World, cls: Class) -> dict[str, Value]:
    return dict(world.annotations(cls))


def fields_of(world: World, cls: Class) -> list[Field]:
    """The fields of a model, those of its bases first."""
    found: dict[str, Field] = {}
    for base in reversed(cls.mro):
        if isinstance(base, Class):
            found.update({field.name: field for field in _own_fields(world, base)})
    return list(found.values())


def _own_fields(world: World, cls: Class) -> tuple[Field, ...]:
    """As pydantic does: evaluated until every name in them is there, and then kept."""
    if cls.fields is not None:
        return tuple(field for field in cls.fields if isinstance(field, Field))
    fields = tuple(_evaluated_fields(world, cls))
    if not any(isinstance(part, str | Unresolved) for field in fields for part in parts_of(field.annotation)):
        cls.fields = fields
    return fields


def _evaluated_fields(world: World, cls: Class) -> Iterator[Field]:
    skipped = _class_vars(cls)
    for name, annotation in world.annotations(cls).items():
        if name.startswith("_") or name in skipped or name in _SETTINGS or _is_class_var(annotation):
            continue
        if not _is_relation(cls.namespace.get(name)):
            yield Field(name, annotation)


def _is_class_var(annotation: Value) -> bool:
    origin = annotation.origin if isinstance(annotation, TypeForm) else annotation
    return isinstance(origin, External) and origin.name.endswith(".ClassVar")


def _is_relation(value: Value) -> bool:
    """SQLModel takes what `Relationship()` gives out of the fields."""
    found = value.type.name if isinstance(value, ExternalInstance) else getattr(value, "why", "")
    return isinstance(found, str) and "Relationship" in found


def _is_complete(world: World, annotations: Iterable[Value]) -> bool:
    """Whether everything that annotations name is there, also in the models that they lead to."""
    met: set[int] = set()
    for _ in range(_DEPTH):
        models: list[Class] = []
        for part in (part for annotation in annotations for part in parts_of(annotation)):
            if isinstance(part, str):
                return False
            model = part.origin if isinstance(part, TypeForm) else part
            if isinstance(model, Class) and id(model) not in met and is_model(model):
                met.add(id(model))
                models.append(model)
        annotations = [field.annotation for model in models for field in fields_of(world, model)]
    return not any(isinstance(part, str) for annotation in annotations for part in parts_of(annotation))


def is_model(cls: Class) -> bool:
    """Whether a class of the backend derives from pydantic's models."""
    return any(isinstance(base, External) and (base.name in MODELS or base.name in _MODEL_LIKE) for base in cls.mro)


_MODEL_LIKE = frozenset(
    {"pydantic_settings.main.BaseSettings", "sqlmodel.main.SQLModel", "pydantic.root_model.RootModel"}
)


def _check_types(world: World, cls: Class, keywords: dict[str, Value]) -> None:
    """The schema of each field, in order; the first that is refused ends it."""
    arbitrary = _allows_arbitrary(world, cls, keywords)
    for field in fields_of(world, cls):
        if isinstance(field.annotation, Unresolved) or not check_email(world, field.annotation):
            return
        found = refused(world, field.annotation, arbitrary=arbitrary)
        if found is not ABSENT and not (isinstance(found, Module) and found.missing):
            refuse_type(world, found, field.name)
            return


def refuse_type(world: World, found: Value, subject: str) -> None:
    """The error of a type that no schema can be made for."""
    try:
        text = shown(world, found)
    except Undecided:
        return
    if is_v1(world):
        message = f"no validator found for {text}, see `arbitrary_types_allowed` in Config"
        if isinstance(found, Module | Builtin | int | float):
            message = f"error checking inheritance of {text} (type: {type(found).__name__})"
        world.refuse("pydantic", "schema-for-unknown-type", RuntimeError(message), message, subject, type=text)
        return
    module = "_internal._generate_schema"
    refuse_in_words(world, module, "Unable to generate pydantic-core schema for {}. Set", text, subject=subject)


def check_email(world: World, annotation: Value) -> bool:
    """`import_email_validator`: false where the library for it is not there, which is then refused."""
    for part in parts_of(annotation):
        if isinstance(part, External) and dotted(part) in _EMAILS:
            return _has_email_validator(world)
    return True


def _has_email_validator(world: World) -> bool:
    if world.installed("email_validator") is not False:
        return True
    message = wording(world, "pydantic.networks", "email-validator is not installed, run")
    message = message or "email-validator is not installed, run `pip install pydantic[email]`"
    world.refuse("pydantic", "no-email-validator", ImportError(message), message, "email-validator")
    return False


def _allows_arbitrary(world: World, cls: Class, keywords: dict[str, Value]) -> bool:
    allowed = any(isinstance(base, External) and base.name in _ARBITRARY_BASES for base in cls.mro)
    for base in reversed(cls.mro):
        for settings in _settings(base, inner_only=is_v1(world)):
            given = settings.get("arbitrary_types_allowed", allowed)
            allowed = True if isinstance(given, Unknown) else bool(given)
    return bool(keywords.get("arbitrary_types_allowed", allowed))


def _settings(base: Value, *, inner_only: bool) -> Iterator[dict[str, Value]]:
    if not isinstance(base, Class):
        return
    own = None if inner_only else base.namespace.get("model_config")
    if isinstance(own, ExternalInstance):
        yield own.kwargs
    elif isinstance(own, dict):
        yield own
    elif own is not None:
        yield {"arbitrary_types_allowed": Unknown("an unknown configuration")}
    inner = base.namespace.get("Config")
    if isinstance(inner, Class):
        for one in reversed(inner.mro):
            yield one.namespace if isinstance(one, Class) else {}
