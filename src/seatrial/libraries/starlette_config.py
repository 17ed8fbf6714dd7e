"""starlette.config: `Config(".env")("NAME")`. Source: starlette 1.10, `starlette/config.py`."""

from __future__ import annotations

from seatrial.libraries.behaviour import Library, LibraryCall
from seatrial.libraries.values import ABSENT, ExternalInstance, Unknown, Value
from seatrial.libraries.world import World
from seatrial.project.dotenv import starlette_values


def get(world: World, call: LibraryCall) -> Value:
    """`config("NAME", cast=None, default=undefined)`: the environment, then the file, then the default."""
    config, name = call.args[0], call.argument(1, "key")
    if not isinstance(config, ExternalInstance) or not isinstance(name, str):
        return Unknown("a setting by an unknown name")
    prefix = config.kwargs.get("env_prefix", "")
    key = f"{prefix}{name}" if isinstance(prefix, str) else name
    value: Value = world.environment.get(key, ABSENT)
    if value is ABSENT:
        value = _file(world, config).get(key, ABSENT)
    if value is ABSENT:
        value = call.argument(3, "default", ABSENT)
    if value is ABSENT:
        return world.raise_(KeyError(f"Config '{key}' is missing, and has no default."))
    return _cast(world, key, call.argument(2, "cast"), value)


def _file(world: World, config: ExternalInstance) -> dict[str, str]:
    path = config.args[0] if config.args else config.kwargs.get("env_file")
    text = world.read_text(str(path)) if path is not None and not isinstance(path, Unknown) else None
    return starlette_values(text) if text is not None else {}


def _cast(world: World, key: str, kind: Value, value: Value) -> Value:
    if kind is None or value is None or isinstance(value, Unknown):
        return value
    if kind is bool and isinstance(value, str):
        known = {"true": True, "1": True, "false": False, "0": False}
        if value.lower() in known:
            return known[value.lower()]
        return world.raise_(ValueError(f"Config '{key}' has value '{value}'. Not a valid bool."))
    return world.call(kind, [value], {})


LIBRARY = Library("starlette", "starlette", calls={"starlette.config.Config.__call__": get})
