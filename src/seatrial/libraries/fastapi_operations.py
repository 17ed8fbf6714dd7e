"""What FastAPI checks when a path operation or websocket is added to a router.

Source: fastapi 0.95 to 0.165, `routing.py` (`APIRoute.__init__`, `_populate_api_route_state`, `APIWebSocketRoute`) and
starlette/routing.py `compile_path`. Older releases look at the response first, recent ones at the parameters.
"""

from __future__ import annotations

import re

from seatrial.libraries.annotations import is_subclass, origin_name
from seatrial.libraries.callables import is_callable, is_generator, signature
from seatrial.libraries.definitions import position, wording
from seatrial.libraries.fastapi_fields import create_field, refuse_name
from seatrial.libraries.fastapi_parameters import UTILS, analyse, analyse_parameterless
from seatrial.libraries.pydantic_types import is_v1
from seatrial.libraries.starlette_routing import Routing
from seatrial.libraries.values import ABSENT, External, ExternalInstance, TypeForm, Unknown, Unresolved, Value
from seatrial.libraries.world import World

ROUTING = "fastapi.routing"
_PARAMETER = re.compile(r"{([a-zA-Z_][a-zA-Z0-9_]*)(:[a-zA-Z_][a-zA-Z0-9_]*)?}")
_CONVERTORS = ("str", "path", "int", "float", "uuid")
_STATUS = re.compile(r"starlette\.status\.(?:HTTP|WS)_(\d+)_")
_NO_BODY = frozenset({204, 205, 304})
_STREAMS = frozenset({"AsyncIterable", "AsyncIterator", "AsyncGenerator", "Iterable", "Iterator", "Generator"})
_RESPONSE = "starlette.responses.Response"
_NO_BODY_TEXT = "Status code {} must not have a response body"


def check_operation(world: World, routing: Routing, names: dict[str, Value], function: Value) -> bool:
    """The checks of one path operation, in the order of the release; false where its path is refused."""
    if not _check_lists(world, routing, names):
        return False
    path = full_path(world, routing, names.get("path"))
    if path is None or not check_path(world, path):
        return False
    if not isinstance(function, Unknown):
        _check(world, routing, names, function, path)
    return True


def _check(world: World, routing: Routing, names: dict[str, Value], function: Value, path: str) -> None:
    """Whether the response is looked at before or after the parameters."""
    late = position(world, ROUTING, _NO_BODY_TEXT) > position(world, ROUTING, "An endpoint must be a callable")
    if not late and not _check_response(world, names, function):
        return
    if _check_responses(world, routing, names) and _check_endpoint(world, routing, names, function, path) and late:
        _check_response(world, names, function)


def full_path(world: World, routing: Routing, path: Value) -> str | None:
    """`self.prefix + path`; None where that is refused or not known."""
    if isinstance(path, str):
        return routing.prefix + path
    if not isinstance(path, Unknown | External | ExternalInstance):
        text = f'can only concatenate str (not "{type(path).__name__}") to str'
        world.refuse("fastapi", "bad-path", TypeError(text), text)
    return None


def check_path(world: World, path: str) -> bool:
    """`compile_path`: convertors that do not exist, and names used twice."""
    seen: list[str] = []
    for name, convertor in _PARAMETER.findall(path):
        kind = convertor.lstrip(":") or "str"
        if kind not in _CONVERTORS and not world.called("starlette.convertors.register_url_convertor"):
            text = wording(world, "starlette.routing", "Unknown path convertor", kind)
            if text is not None:
                world.refuse("fastapi", "bad-path", AssertionError(text), text, path)
                return False
        seen.append(name)
    twice = sorted({name for name in seen if seen.count(name) > 1})
    if twice:
        ending = "s" if len(twice) > 1 else ""
        text = wording(world, "starlette.routing", "Duplicated param name", ending, ", ".join(twice), path)
        if text is not None:
            world.refuse("fastapi", "bad-path", ValueError(text), text, path)
            return False
    return True


def _check_lists(world: World, routing: Routing, names: dict[str, Value]) -> bool:
    responses, tags = names.get("responses"), routing.options.get("tags")
    if isinstance(responses, list | tuple | str) and responses:
        text = f"{type(responses).__name__!r} object is not a mapping"
        world.refuse("fastapi", "bad-responses", TypeError(text), text)
        return False
    if isinstance(tags, str) and tags:
        text = "'str' object has no attribute 'copy'"
        world.refuse("fastapi", "bad-tags", AttributeError(text), text)
        return False
    given = names.get("dependencies")
    if isinstance(given, ExternalInstance):
        text = f"{given.type.name.rpartition('.')[2]!r} object is not iterable"
        world.refuse("fastapi", "bare-dependency", TypeError(text), text)
        return False
    return True


def _check_response(world: World, names: dict[str, Value], function: Value) -> bool:
    model = names.get("response_model", ABSENT)
    if model is ABSENT:
        found = signature(world, function)
        if found is None and not is_callable(world, function):
            return False
        model = _of_return(world, ABSENT if found is None else found.returns, function, names)
    if model is None or model is ABSENT or isinstance(model, Unknown) or model in ((), "", 0):
        return True
    return _allows_body(world, names.get("status_code")) and create_field(world, model, "")


def _of_return(world: World, annotation: Value, function: Value, names: dict[str, Value]) -> Value:
    """The response model that a return annotation makes; before FastAPI 0.89 it makes none."""
    if world.packages is not None and world.packages.has(UTILS, "get_typed_return_annotation") is False:
        return None
    if isinstance(annotation, Unresolved) and is_v1(world):
        refuse_name(world, annotation)
        return None
    if is_subclass(world, annotation, _RESPONSE) is not False and annotation is not ABSENT:
        return None
    streams = world.packages is not None and world.packages.has(UTILS, "get_stream_item_type") is True
    if streams and origin_name(annotation).rpartition(".")[2] in _STREAMS and is_generator(function):
        assert isinstance(annotation, TypeForm)
        return annotation.args[0] if "response_class" not in names else None
    return annotation


def _allows_body(world: World, status: Value) -> bool:
    number = status_number(status)
    if number is None or not (number < 200 or number in _NO_BODY):
        return True
    text = wording(world, ROUTING, _NO_BODY_TEXT, str(number))
    if text is None:
        return True
    world.refuse("fastapi", "no-body", AssertionError(text), text, str(number))
    return False


def status_number(status: Value) -> int | None:
    """A status code as a number; None where it is not one that is known."""
    if isinstance(status, External):
        found = _STATUS.match(status.name)
        return int(found[1]) if found else None
    if isinstance(status, int) and not isinstance(status, bool):
        return int(status)
    return int(status) if isinstance(status, str) and status.isdigit() else None


def _check_responses(world: World, routing: Routing, names: dict[str, Value]) -> bool:
    given: dict[Value, Value] = {}
    for one in (routing.options.get("responses"), names.get("responses")):
        given.update(one if isinstance(one, dict) else {})
    for status, response in given.items():
        if isinstance(response, Unknown):
            continue
        if not isinstance(response, dict):
            text = wording(world, ROUTING, "An additional response must be a dict")
            if text is not None:
                world.refuse("fastapi", "bad-responses", AssertionError(text), text)
            return False
        model = response.get("model")
        if model is not None and not (_allows_body(world, status) and create_field(world, model, "")):
            return False
    return True


def _check_endpoint(world: World, routing: Routing, names: dict[str, Value], function: Value, path: str) -> bool:
    if not is_callable(world, function):
        text = wording(world, ROUTING, "An endpoint must be a callable")
        if text is not None:
            world.refuse("fastapi", "not-callable", AssertionError(text), text)
        return False
    analyse(world, path, function)
    check_dependencies(world, path, [*_listed(routing.options), *_listed(names)])
    return True


def _listed(names: dict[str, Value]) -> list[Value]:
    found = names.get("dependencies")
    return list(found) if isinstance(found, list | tuple) else []


def check_dependencies(world: World, path: str, given: list[Value]) -> None:
    """`dependencies=[...]` of an operation, its router and its inclusion, last one first."""
    for mark in reversed(given):
        analyse_parameterless(world, path, mark)


def check_websocket(world: World, routing: Routing, names: dict[str, Value], function: Value) -> bool:
    """The checks of one websocket."""
    path = full_path(world, routing, names.get("path"))
    if path is None or not check_path(world, path):
        return False
    if not isinstance(function, Unknown):
        analyse(world, path, function)
        check_dependencies(world, path, [*_listed(routing.options), *_listed(names)])
    return True
