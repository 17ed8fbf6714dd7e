"""pydantic 1: `BaseSettings` was part of it; and the secrets of every release.

Source: pydantic 1.10, `env_settings.BaseSettings._build_values`, `EnvSettingsSource`,
`error_wrappers.display_errors`. A
field of `Optional` type has a default, names are read without regard to case, other keys of a dotenv file are passed
over.
"""

from __future__ import annotations

import json

from seatrial.libraries.behaviour import Library, LibraryCall
from seatrial.libraries.pydantic_settings import (
    Config,
    config_of,
    defaulted,
    dotenv_of,
    made_of,
    names_of,
    slots_of,
    taken_by,
)
from seatrial.libraries.settings_values import MISSING, Problem, Slot, coerce, is_complex, is_optional
from seatrial.libraries.values import ABSENT, Class, ExternalInstance, Instance, Unknown, Value
from seatrial.libraries.world import World

_WORDS = {
    "missing": ("field required", "value_error.missing"),
    "bool_parsing": ("value could not be parsed to a boolean", "type_error.bool"),
    "int_parsing": ("value is not a valid integer", "type_error.integer"),
    "float_parsing": ("value is not a valid float", "type_error.float"),
}
_ERROR = "pydantic.error_wrappers.ValidationError"


def construct(world: World, cls: Class, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`Settings(**kwargs)` of a class that derives from pydantic 1's `BaseSettings`."""
    config, slots = config_of(cls), slots_of(world, cls)
    if not config.known or slots is None:
        return ABSENT
    variables = {**dotenv_of(world, config), **dict(world.environment)}
    given: dict[str, Value] = {}
    for slot, (key, text) in taken_by(slots, config, variables).items():
        decoded = config.own_decoder and is_complex(slot.annotation)  # by `parse_env_var`, since 1.10
        given[slot.name] = Unknown(slot.name) if decoded else _decoded(world, cls, slot, key, text)
    given.update(kwargs)
    return _validated(world, cls, slots, given, config)


def _decoded(world: World, cls: Class, slot: Slot, key: str, text: str) -> Value:
    if not is_complex(slot.annotation) or "Union" in slot.text:
        return text
    try:
        return json.loads(text)
    except ValueError:
        message = f'error parsing env var "{key.lower()}"'
        error = "pydantic.env_settings.SettingsError"
        world.refuse(
            "pydantic_settings", "unparsable", error, message, slot.name, (ValueError,), key=key, owner=cls.name
        )
        return [part.strip() for part in text.split(",")]


def _validated(world: World, cls: Class, slots: list[Slot], given: dict[str, Value], config: Config) -> Value:
    problems: list[Problem] = []
    attributes: dict[str, Value] = {}
    for slot in slots:
        value = given.get(slot.name, MISSING)
        if value is MISSING and (not slot.required or is_optional(slot.annotation)):
            default = None if slot.default in (ABSENT, Ellipsis) else slot.default
            attributes[slot.name] = defaulted(cls, slot.name, default)
        elif value is MISSING:
            problems.append(Problem(slot.name, "", "missing", given))
            attributes[slot.name] = Unknown(slot.name)
        else:
            made = coerce(slot, value)
            problems += [made] if isinstance(made, Problem) else []
            attributes[slot.name] = Unknown(slot.name) if isinstance(made, Problem) else made
    if not problems:
        return made_of(world, cls, attributes)
    _refuse(world, cls, slots, problems, config)
    return Instance(cls, world, attributes)


def _refuse(world: World, cls: Class, slots: list[Slot], problems: list[Problem], config: Config) -> None:
    count = len(problems)
    lines = [f"{count} validation error{'s' if count != 1 else ''} for {cls.name}"]
    for problem in problems:
        text, kind = _WORDS.get(problem.kind, (problem.text, problem.kind))
        lines += [problem.where, f"  {text} (type={kind})"]
    missing = {problem.where for problem in problems if problem.kind == "missing"}
    variables = ",".join(names_of(slot, config)[0].upper() for slot in slots if slot.name in missing)
    kind = "missing" if missing else problems[0].kind
    names = ",".join(problem.where for problem in problems if problem.kind == kind)
    message, bases = "\n".join(lines), (ValueError,)
    world.refuse("pydantic_settings", kind, _ERROR, message, names, bases, owner=cls.name, variables=variables)


def secret_value(world: World, call: LibraryCall) -> Value:
    """`secret.get_secret_value()`."""
    secret = call.args[0]
    return secret.args[0] if isinstance(secret, ExternalInstance) and secret.args else ABSENT


LIBRARY = Library(
    "pydantic",
    "pydantic",
    calls={"pydantic.SecretStr.get_secret_value": secret_value},
    objects={"pydantic.BaseSettings": construct, "pydantic.v1.BaseSettings": construct},
)
