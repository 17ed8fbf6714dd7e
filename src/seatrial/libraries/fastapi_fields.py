"""FastAPI's `Query`, `Path`, `Body`, `Form`, `Depends`, ...: values that say what a parameter is.

Source: fastapi 0.95 to 0.165, `param_functions.py`, `params.py`, `utils.create_model_field`.
"""

from __future__ import annotations

from collections.abc import Callable

from seatrial.libraries.annotations import shown
from seatrial.libraries.behaviour import LibraryCall
from seatrial.libraries.definitions import blueprint, wording
from seatrial.libraries.pydantic_types import is_v1, parts_of, refuse_user_error, refused
from seatrial.libraries.values import (
    ABSENT,
    External,
    ExternalInstance,
    TypeForm,
    Undecided,
    Unknown,
    Unresolved,
    Value,
)
from seatrial.libraries.world import World

KINDS = ("Query", "Path", "Header", "Cookie", "Body", "Form", "File")
PARAMS = {kind: External(f"fastapi.params.{kind}", "class") for kind in KINDS}
_DEPENDENCIES = ("Depends", "Security")
_MARKS = {f"fastapi.params.{name}" for name in _DEPENDENCIES}


def kind_of(value: Value) -> str:
    """`Query` of what `Query()` made, `FieldInfo` of what pydantic's `Field()` made, "" of anything else."""
    if isinstance(value, ExternalInstance) and value.type.name.startswith("fastapi.params."):
        kind = value.type.name.rpartition(".")[2]
        return kind if kind in KINDS else ""
    return "FieldInfo" if isinstance(value, Unknown) and value.why == "pydantic.Field" else ""


def is_field(value: Value) -> bool:
    """Whether it describes a field."""
    return bool(kind_of(value))


def is_dependency(value: Value) -> bool:
    """Whether `Depends()` or `Security()` made it."""
    return isinstance(value, ExternalInstance) and value.type.name in _MARKS


def make_mark(name: str) -> Callable[[World, LibraryCall], Value]:
    """The function `Query`, `Depends`, ...: keeps its arguments by name."""
    kind = External(f"fastapi.params.{name}", "class")

    def make(world: World, call: LibraryCall) -> Value:
        names = world.bound(call, "dependency" if name in _DEPENDENCIES else "default")
        if name == "Path" and names.get("default", Ellipsis) is not Ellipsis:
            text = wording(world, "fastapi.params", "Path parameters cannot have a default value")
            if text is not None:
                world.refuse("fastapi", "path-default", AssertionError(text), text)
        return ExternalInstance(kind, (), names)

    return make


def create_field(world: World, annotation: Value, subject: str, *, parameter: bool = False) -> bool:
    """`create_model_field`: whether pydantic takes the annotation; false once it is refused."""
    if isinstance(annotation, dict) and not is_v1(world):
        world.refuse("fastapi", "not-a-type", KeyError("type"), "'type'", subject)
        return False
    if not _names_known(world, annotation):
        return False
    if refused(world, annotation) is ABSENT:
        return True
    try:
        text = shown(world, _plain(annotation) if parameter else annotation)
    except Undecided:
        return True
    message = wording(world, "fastapi.utils", "Invalid args for response field", text)
    if message is None:
        return True
    kind = "parameter-type" if parameter else "response-type"
    world.refuse("fastapi", kind, "fastapi.exceptions.FastAPIError", message, subject, type=text)
    return False


def refuse_name(world: World, annotation: Unresolved) -> bool:
    """The NameError of an annotation that is evaluated where its name is not there."""
    text = f"name {annotation.missing!r} is not defined"
    world.refuse("fastapi", "bad-annotation", NameError(text), text, annotation.missing)
    return False


def _names_known(world: World, annotation: Value) -> bool:
    """Releases of pydantic 2 that cannot put off what is quoted refuse it; false once it is refused."""
    quoted = next((one for one in parts_of(annotation) if isinstance(one, str)), None)
    if quoted is None or is_v1(world) or world.packages is None:
        return True
    adapter = blueprint(world, "pydantic.type_adapter.TypeAdapter")
    if adapter is None or "rebuild" in adapter.members:
        return True
    name = quoted.missing if isinstance(quoted, Unresolved) else quoted
    refuse_user_error(world, "UndefinedAnnotation", f"name {name!r} is not defined", "undefined-annotation", name)
    return False


def _plain(annotation: Value) -> Value:
    """`Annotated` with nothing but what FastAPI put there is shown as it stands; its text cannot be known here."""
    if isinstance(annotation, TypeForm) and any(isinstance(one, ExternalInstance) for one in annotation.args):
        raise Undecided("the text of a parameter's description")
    return annotation


def needs_multipart(world: World) -> bool:
    """`ensure_multipart_is_installed`; false once it is refused."""
    if world.installed("python_multipart") is not False or world.installed("multipart") is not False:
        return True
    text = wording(world, "fastapi.dependencies.utils", 'Form data requires "python-multipart" to be installed. \n')
    if text is None:
        return True
    world.refuse("fastapi", "no-multipart", RuntimeError(text), text, "python-multipart")
    return False


MARKS = {f"fastapi.{name}": make_mark(name) for name in (*KINDS, *_DEPENDENCIES)}
MARKS |= {f"fastapi.params.{name}": make_mark(name) for name in (*KINDS, *_DEPENDENCIES)}
