"""What FastAPI makes of the parameters of an endpoint and of its dependencies, and which it refuses.

Source: fastapi 0.95 to 0.165, `dependencies/utils.py` (`get_dependant`, `analyze_param`) and `_compat`. The checks are
made in the order of the source; each is worded as the installed release words it, and skipped where it has none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from seatrial.libraries.annotations import alternatives, is_annotated, is_subclass, is_union, origin_name, shown
from seatrial.libraries.callables import FIELDS, Parameter, is_callable, signature
from seatrial.libraries.definitions import wording
from seatrial.libraries.fastapi_fields import (
    PARAMS,
    create_field,
    is_dependency,
    is_field,
    kind_of,
    needs_multipart,
    refuse_name,
)
from seatrial.libraries.pydantic_types import MODELS, is_v1
from seatrial.libraries.values import ABSENT, Class, ExternalInstance, TypeForm, Unknown, Unresolved, Value
from seatrial.libraries.world import World

UTILS = "fastapi.dependencies.utils"
_CONVERTOR = re.compile(r"{([a-zA-Z_][a-zA-Z0-9_]*)(:[a-zA-Z_][a-zA-Z0-9_]*)?}")
SPECIAL = (
    "starlette.requests.Request", "starlette.websockets.WebSocket", "starlette.requests.HTTPConnection",
    "starlette.responses.Response", "starlette.background.BackgroundTasks", "fastapi.background.BackgroundTasks",
    "fastapi.security.oauth2.SecurityScopes",
)  # fmt: skip
_SEQUENCES = ("builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset", "collections.deque")
_MAPPINGS = ("builtins.dict", "collections.abc.Mapping", "_collections_abc.Mapping")
_UPLOAD = ("starlette.datastructures.UploadFile", "fastapi.datastructures.UploadFile")
_SEQUENCE_FORMS = frozenset({"List", "Set", "FrozenSet", "Tuple", "Sequence", "Deque", "deque", "MutableSequence"})
_MAPPING_FORMS = frozenset({"Dict", "Mapping", "MutableMapping", "DefaultDict", "OrderedDict", "Counter"})
_DEPTH = 25


@dataclass(slots=True)
class Details:
    """What is known of one parameter by now."""

    name: str
    annotation: Value
    type: Value
    value: Value
    in_path: bool
    field: Value = None
    depends: Value = None


def analyse(world: World, path: str, call: Value, depth: int = 0) -> None:
    """`get_dependant(path=path, call=call)`."""
    if depth > _DEPTH:
        return
    if is_form_class(world, call):
        needs_multipart(world)
        return
    found = signature(world, call)
    if found is None:
        return
    names = path_names(path)
    for parameter in found.parameters:
        details = _details(parameter, parameter.name in names)
        if _unresolved(world, details):
            continue
        if not _analyse(world, details):
            continue
        if details.depends is not None:
            _analyse_dependency(world, path, details, depth)


def path_names(path: str) -> set[str]:
    """The names in a path, its convertors taken off."""
    return set(re.findall("{(.*?)}", _CONVERTOR.sub(lambda found: "{" + found[1] + "}", path)))


def is_form_class(world: World, call: Value) -> bool:
    """Whether it is one of FastAPI's own classes of form fields."""
    return is_subclass(world, call, "fastapi.security.oauth2.OAuth2PasswordRequestForm") is True


def _details(parameter: Parameter, in_path: bool) -> Details:
    annotation = Unknown("no annotation") if parameter.annotation is ABSENT else parameter.annotation
    kind = annotation.args[0] if isinstance(annotation, TypeForm) and is_annotated(annotation) else annotation
    return Details(parameter.name, annotation, kind, parameter.default, in_path)


def _unresolved(world: World, details: Details) -> bool:
    """A quoted annotation that names nothing: whether that is refused, or makes it a parameter of any type."""
    if not isinstance(details.annotation, Unresolved):
        return False
    if not details.annotation.missing and _no_expression(world, details):
        return True
    if is_v1(world) and details.annotation.missing:
        return not refuse_name(world, details.annotation)
    if not isinstance(details.value, ExternalInstance):
        create_field(world, details.annotation, details.name, parameter=True)
        return True
    return False


def _no_expression(world: World, details: Details) -> bool:
    try:
        compile(str(details.annotation).strip(), "<string>", "eval")
    except SyntaxError as error:
        text = f"{error.msg} (<string>, line {error.lineno})"
        if is_v1(world):
            text = f"Forward reference must be an expression -- got {str(details.annotation)!r}"
        world.refuse("fastapi", "bad-annotation", SyntaxError(text), text, details.name)
        return True
    return False


def _analyse(world: World, details: Details) -> bool:
    """`analyze_param`; false once it is refused."""
    if is_annotated(details.annotation) and not _take_annotated(world, details):
        return False
    if not _take_default(world, details):
        return False
    special = is_subclass(world, details.type, *SPECIAL)
    if special:
        return _special(world, details)
    if special is None and details.field is None and details.depends is None and _is_own(details.type):
        return True
    if details.field is None and details.depends is None:
        details.field = _inferred(world, details)
    return details.field is None or _check_field(world, details)


def _is_own(annotation: Value) -> bool:
    return isinstance(annotation, Class)


def _take_annotated(world: World, details: Details) -> bool:
    marks = [one for one in details.annotation.args[1:] if is_field(one) or is_dependency(one)]
    several = wording(world, UTILS, "Cannot specify multiple `Annotated` FastAPI arguments", repr(details.name))
    if several is not None and len(marks) > 1:
        return _refuse(world, "two-annotations", several, details)
    own = [one for one in marks if is_dependency(one) or kind_of(one) in PARAMS]
    mark = (marks if several is not None else own)[-1:]
    if not mark:
        return True
    if is_dependency(mark[0]):
        details.depends = mark[0]
        return True
    details.field = mark[0]
    if not _has_no_default(mark[0]):
        text = wording(world, UTILS, "default value cannot be set in `Annotated`", kind_of(mark[0]), repr(details.name))
        if text is not None:
            return _refuse(world, "annotated-default", text, details)
    if details.value is not ABSENT and details.in_path and not is_dependency(details.value):
        return _refused_as(world, "path-default", "Path parameters cannot have default values", details)
    return True


def _has_no_default(mark: ExternalInstance) -> bool:
    given = mark.kwargs.get("default", ABSENT)
    return given is ABSENT or given is Ellipsis or isinstance(given, Unknown)


def _take_default(world: World, details: Details) -> bool:
    name = repr(details.name)
    if is_dependency(details.value):
        if details.depends is not None:
            return _refused_as(
                world, "two-annotations", "Cannot specify `Depends` in `Annotated` and default", details, name
            )
        if details.field is not None:
            return _refused_as(
                world, "two-annotations", "Cannot specify a FastAPI annotation in `Annotated` and", details, name
            )
        details.depends = details.value
    elif is_field(details.value):
        if details.field is not None:
            return _refused_as(
                world, "two-annotations", "Cannot specify FastAPI annotations in `Annotated` and", details, name
            )
        details.field = details.value
    return True


def _special(world: World, details: Details) -> bool:
    text = shown(world, details.type)
    if details.depends is not None:
        return _refused_as(world, "special-type", "Cannot specify `Depends` for type {}", details, text)
    if details.field is not None:
        return _refused_as(world, "special-type", "Cannot specify FastAPI annotation for type {}", details, text)
    return True


def _inferred(world: World, details: Details) -> Value:
    """The kind of parameter that an annotation alone makes."""
    if details.in_path:
        return ExternalInstance(PARAMS["Path"])
    if _is_upload(world, details.type) or any(_is_upload(world, one) for one in _inside(details.type)):
        return ExternalInstance(PARAMS["File"])
    scalar = is_scalar(world, details.type)
    return ExternalInstance(PARAMS["Query" if scalar is not False else "Body"])


def _inside(annotation: Value) -> tuple[Value, ...]:
    return annotation.args if isinstance(annotation, TypeForm) else ()


def _is_upload(world: World, annotation: Value) -> bool:
    return is_subclass(world, annotation, *_UPLOAD) is True


def _check_field(world: World, details: Details) -> bool:
    kind = kind_of(details.field)
    if details.in_path and kind != "Path" and kind:
        return _refused_as(world, "path-kind", "Cannot use `{}` for path param {}", details, kind, repr(details.name))
    if kind in ("Form", "File") and not needs_multipart(world):
        return False
    if not create_field(world, details.annotation, details.name, parameter=True):
        return False
    if details.in_path and is_scalar(world, details.type) is False:
        return _refused_as(world, "path-type", "Path params must be of one of the supported types", details)
    if kind == "Query" and _bad_query(world, details.type):
        return _query_refused(world, details)
    if kind == "FieldInfo":
        text = "non-body parameters must be in path, query, header or cookie: {}"
        return _refused_as(world, "no-kind", text, details, details.name)
    return True


def _query_refused(world: World, details: Details) -> bool:
    newer = wording(world, UTILS, "Query parameter {} must be one of the supported types", repr(details.name))
    text = newer or wording(world, UTILS, "can only be a request body, using Body()", details.name)
    return True if text is None else _refuse(world, "query-type", text, details)


def _bad_query(world: World, annotation: Value) -> bool:
    if is_scalar(world, annotation) is not False or _is_scalar_sequence(world, annotation) is not False:
        return False
    return not _is_query_model(world, annotation)


def _is_query_model(world: World, annotation: Value) -> bool:
    """Recent releases take a model, also an optional one, for a set of query parameters."""
    packages = world.packages
    if packages is None or packages.has(UTILS, "_get_flat_fields_from_params") is not True:
        return False
    if is_union(annotation):
        if packages.has(UTILS, "_get_model_type") is not True:
            return False
        parts = alternatives(annotation)
        annotation = (
            next((one for one in parts if one is not None), None) if len(parts) == 2 and None in parts else None
        )
    return is_subclass(world, annotation, *MODELS) is not False


def is_scalar(world: World, annotation: Value) -> bool | None:
    """`field_annotation_is_scalar`; None where it cannot be told."""
    if isinstance(annotation, Unknown):
        return None
    found = _is_complex(world, annotation)
    return None if found is None else not found


def _is_complex(world: World, annotation: Value) -> bool | None:
    if is_annotated(annotation):
        return _is_complex(world, annotation.args[0])
    if is_union(annotation):
        return _some(_is_complex(world, part) for part in alternatives(annotation))
    if isinstance(annotation, TypeForm):
        name = origin_name(annotation).rpartition(".")[2]
        if name in _SEQUENCE_FORMS or name in _MAPPING_FORMS:
            return True
        return _is_complex(world, annotation.origin)
    if isinstance(annotation, Class) and FIELDS in annotation.namespace:
        return True
    name = origin_name(TypeForm(annotation, ()))
    if name.startswith(("typing.", "collections.abc.")):
        return name.rpartition(".")[2] in _SEQUENCE_FORMS | _MAPPING_FORMS
    return is_subclass(world, annotation, *MODELS, *_MAPPINGS, *_SEQUENCES, *_UPLOAD)


def _some(answers: Iterable[bool | None]) -> bool | None:
    known = list(answers)
    return True if any(one is True for one in known) else (None if None in known else False)


def _is_scalar_sequence(world: World, annotation: Value) -> bool | None:
    if is_annotated(annotation):
        return _is_scalar_sequence(world, annotation.args[0])
    if is_union(annotation):
        parts = [(part, _is_scalar_sequence(world, part)) for part in alternatives(annotation)]
        if any(found is False and is_scalar(world, part) is False for part, found in parts):
            return False
        return any(found for _, found in parts)
    if isinstance(annotation, TypeForm):
        name = origin_name(annotation).rpartition(".")[2]
        outer = name in _SEQUENCE_FORMS or is_subclass(world, annotation.origin, *_SEQUENCES) is True
        inner = [is_scalar(world, part) for part in annotation.args if part is not Ellipsis]
        return outer and False not in inner
    tail = origin_name(TypeForm(annotation, ())).rpartition(".")[2]
    return tail in _SEQUENCE_FORMS or is_subclass(world, annotation, *_SEQUENCES)


def _analyse_dependency(world: World, path: str, details: Details, depth: int) -> None:
    given = dependency_of(details.depends)
    if isinstance(given, Unknown):
        return
    call = details.type if given is None else given
    if not isinstance(call, Unknown):
        analyse(world, path, call, depth + 1)


def dependency_of(mark: ExternalInstance) -> Value:
    """What `Depends(...)` was given."""
    return mark.kwargs.get("dependency")


def analyse_parameterless(world: World, path: str, mark: Value) -> None:
    """One of `dependencies=[Depends(...)]`."""
    if isinstance(mark, Unknown):
        return
    if not is_dependency(mark):
        text = world.attribute_text(mark, "dependency")
        world.refuse("fastapi", "bare-dependency", AttributeError(text), text)
        return
    given = dependency_of(mark)
    if not is_callable(world, given):
        refusal = wording(world, UTILS, "A parameter-less dependency must have a callable dependency")
        if refusal is not None:
            world.refuse("fastapi", "not-callable", AssertionError(refusal), refusal)
        return
    if not isinstance(given, Unknown):
        analyse(world, path, given, 1)


def _refused_as(world: World, kind: str, fragment: str, details: Details, *values: str) -> bool:
    text = wording(world, UTILS, fragment, *values)
    return True if text is None else _refuse(world, kind, text, details)


def _refuse(world: World, kind: str, text: str, details: Details) -> bool:
    world.refuse("fastapi", kind, AssertionError(text), text, details.name)
    return False
