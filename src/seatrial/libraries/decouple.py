"""python-decouple: `config(name)` reads the environment, then the nearest `.env` or `settings.ini`, then the default.

Source: python-decouple 3.8, `decouple.Config.get`.
"""

from __future__ import annotations

from seatrial.libraries.behaviour import Library, LibraryCall
from seatrial.libraries.dotenv import variables
from seatrial.libraries.values import ABSENT, Unknown, Value
from seatrial.libraries.world import World

_TRUE, _FALSE = {"y", "yes", "t", "true", "on", "1"}, {"n", "no", "f", "false", "off", "0"}


def config(world: World, call: LibraryCall) -> Value:
    """`config("NAME", default=undefined, cast=undefined)`."""
    name = call.argument(0, "option")
    if not isinstance(name, str):
        return Unknown("a setting by an unknown name")
    value: Value = world.environment.get(name, ABSENT)
    if value is ABSENT:
        value = variables(world, None).get(name, ABSENT)
    if value is ABSENT:
        value = call.argument(1, "default", ABSENT)
    if value is ABSENT:
        message = f"{name} not found. Declare it as envvar or define a default value."
        return world.refuse("decouple", "undefined", "decouple.UndefinedValueError", message, name)
    return cast(world, call.argument(2, "cast", ABSENT), value)


def cast(world: World, kind: Value, value: Value) -> Value:
    """What `cast=` makes of a value."""
    if kind is ABSENT or isinstance(value, Unknown):
        return value
    if kind is bool and isinstance(value, str):
        if value.lower() in _TRUE | _FALSE:
            return value.lower() in _TRUE
        return world.raise_(ValueError(f"Invalid truth value: {value.lower()}"))
    return world.call(kind, [value], {})


LIBRARY = Library(
    "python-decouple", "decouple", calls={"decouple.config": config, "decouple.AutoConfig.__call__": config}
)
