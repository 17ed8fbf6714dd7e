"""pydantic-settings: reading an environment into a class, and refusing to.

Source: pydantic-settings 2.16 (`main.BaseSettings._settings_build_values`, `sources.providers.env`, `.dotenv`) and
pydantic 2.14 for the wording of the errors. Values are read under the documented environment of the start.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass

from seatrial.libraries.behaviour import Library
from seatrial.libraries.pydantic_models import made
from seatrial.libraries.pydantic_validators import run, validators_of
from seatrial.libraries.settings_nested import exploded, filled, merged
from seatrial.libraries.settings_values import MISSING, Problem, Slot, coerce, is_complex, model_of
from seatrial.libraries.values import (
    ABSENT,
    Class,
    ExternalInstance,
    Function,
    Instance,
    LibraryError,
    TypeForm,
    Unknown,
    Value,
    Wrapped,
)
from seatrial.libraries.world import World
from seatrial.project.dotenv import values as dotenv_values

_NO_FIELDS = frozenset({"model_config", "Config"})
_ERROR = "pydantic_core._pydantic_core.ValidationError"


@dataclass(frozen=True, slots=True)
class Config:
    """The parts of `model_config` that decide where values come from."""

    prefix: str = ""
    files: tuple[str, ...] = ()
    case_sensitive: bool = False
    extra: str = "forbid"
    ignore_empty: bool = False
    delimiter: str = ""
    own_decoder: bool = False
    known: bool = True

    def fold(self, name: str) -> str:
        """A name as the variables are compared by."""
        return name if self.case_sensitive else name.lower()


def construct(world: World, cls: Class, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """`Settings(**kwargs)`: an object with its values, or the ValidationError that pydantic would raise."""
    config = config_of(cls)
    slots = slots_of(world, cls)
    if not config.known or slots is None:
        return ABSENT
    given: dict[str, Value] = {}
    for source, variables in (
        ("DotEnvSettingsSource", dotenv_of(world, config)),
        ("EnvSettingsSource", dict(world.environment)),
    ):
        taken = taken_by(slots, config, variables)
        for slot, (key, text) in taken.items():
            value = _decoded(slot, text, source)
            if isinstance(value, LibraryError):
                kind, owner = "unparsable", cls.name
                world.refuse(
                    LIBRARY.module, kind, value.name, value.message, slot.name, (ValueError,), key=key, owner=owner
                )
                value = [part.strip() for part in text.split(",")]
            given[slot.key] = value
        for slot, built in _below(slots, config, variables).items():
            given[slot.key] = merged(given.get(slot.key, {}), built)
        if source.startswith("DotEnv") and config.extra == "forbid":
            given.update(_extras(slots, config, variables))
    given.update(kwargs)
    return _validated(world, cls, slots, given, config)


def config_of(cls: Class) -> Config:
    """The merged configuration of a settings class; `known` is false where it cannot be read."""
    merged: dict[str, Value] = {}
    for base in reversed(cls.mro):
        if not isinstance(base, Class):
            continue
        own = base.namespace.get("model_config")
        if isinstance(own, ExternalInstance):
            merged.update(own.kwargs)
        elif isinstance(own, dict):
            merged.update(own)
        elif own is not None:
            return Config(known=False)
        inner = base.namespace.get("Config")
        if isinstance(inner, Class):
            merged.update({key: item for key, item in inner.namespace.items() if not key.startswith("__")})
    return _config(merged)


def _config(merged: Mapping[str, Value]) -> Config:
    files = merged.get("env_file")
    listed = files if isinstance(files, list | tuple) else [files]
    if any(isinstance(file, Unknown) for file in listed) or isinstance(merged.get("env_prefix"), Unknown):
        return Config(known=False)
    prefix = merged.get("env_prefix", "")
    extra = merged.get("extra", "forbid")
    delimiter = merged.get("env_nested_delimiter")
    return Config(
        prefix=prefix if isinstance(prefix, str) else "",
        files=tuple(str(file) for file in listed if file),
        case_sensitive=merged.get("case_sensitive") is True,
        extra=extra if isinstance(extra, str) else "allow",
        ignore_empty=merged.get("env_ignore_empty") is True,
        delimiter=delimiter if isinstance(delimiter, str) else "",
        own_decoder="parse_env_var" in merged,
    )


def slots_of(world: World, cls: Class) -> list[Slot] | None:
    """The fields of a class in pydantic's order; None where a base is not known."""
    slots: dict[str, Slot] = {}
    for base in reversed(cls.mro):
        if not isinstance(base, Class) or base.node is None:
            continue
        annotations = world.annotations(base)
        for statement in base.node.body:
            if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
                continue
            name = statement.target.id
            if name in _NO_FIELDS or name.startswith("_") or "ClassVar" in ast.unparse(statement.annotation):
                continue
            annotation = annotations.get(name, Unknown("an annotation"))
            slots[name] = _slot(name, annotation, base.namespace.get(name, ABSENT), statement.annotation)
    return list(slots.values())


def _slot(name: str, annotation: Value, default: Value, node: ast.expr) -> Slot:
    aliases: tuple[str, ...] = ()
    required = default is ABSENT
    fields = [default] if _is_field(default) else []
    if isinstance(annotation, TypeForm):
        fields += [part for part in annotation.args[1:] if _is_field(part)]
    for field in fields:
        assert isinstance(field, ExternalInstance | Unknown)
        arguments = _field_arguments(field)
        if field is default:
            default = arguments.get("default", ABSENT)
            required = (default is ABSENT or default is Ellipsis) and "default_factory" not in arguments
        aliases = aliases or _aliases(arguments)
    return Slot(name, annotation, ast.unparse(node), required, default, aliases)


def _is_field(value: Value) -> bool:
    return isinstance(value, Unknown) and value.why == "pydantic.Field"


def _field_arguments(field: Value) -> Mapping[str, Value]:
    held = getattr(field, "hint", None)
    return held if isinstance(held, dict) else {}


def _aliases(arguments: Mapping[str, Value]) -> tuple[str, ...]:
    for key in ("validation_alias", "alias", "env"):
        value = arguments.get(key)
        if isinstance(value, str):
            return (value,)
        if isinstance(value, ExternalInstance) and value.type.name.endswith("AliasChoices"):
            return tuple(item for item in value.args if isinstance(item, str))
        if isinstance(value, list | tuple):
            return tuple(item for item in value if isinstance(item, str))
    return ()


def dotenv_of(world: World, config: Config) -> dict[str, str]:
    """The variables of the dotenv files that a class reads."""
    found: dict[str, str] = {}
    for file in config.files:
        text = world.read_text(file)
        if text is not None:
            known = dotenv_values(text, dict(world.environment))
            found.update({name: value for name, value in known.items() if value is not None})
    return found


def names_of(slot: Slot, config: Config) -> tuple[str, ...]:
    """The variables that a field is read from, the first that is set."""
    return slot.aliases or (config.prefix + slot.name,)


def taken_by(slots: list[Slot], config: Config, variables: Mapping[str, str]) -> dict[Slot, tuple[str, str]]:
    """The variables that fields are read from: field -> (name of the variable, text)."""
    folded = {config.fold(name): (name, text) for name, text in variables.items()}
    found: dict[Slot, tuple[str, str]] = {}
    for slot in slots:
        for name in names_of(slot, config):
            entry = folded.get(config.fold(name))
            if entry is not None and not (config.ignore_empty and entry[1] == ""):
                found[slot] = entry
                break
    return found


def _below(slots: list[Slot], config: Config, variables: Mapping[str, str]) -> dict[Slot, dict[str, Value]]:
    """What variables with a delimiter say of the fields that hold models or mappings."""
    if not config.delimiter:
        return {}
    folded = {config.fold(name): text for name, text in variables.items()}
    built = {slot: exploded(_folded(slot, config), config.delimiter, folded) for slot in slots if _nests(slot)}
    return {slot: found for slot, found in built.items() if found}


def _nests(slot: Slot) -> bool:
    return is_complex(slot.annotation)


def _folded(slot: Slot, config: Config) -> tuple[str, ...]:
    return tuple(config.fold(name) for name in names_of(slot, config))


def _extras(slots: list[Slot], config: Config, variables: Mapping[str, str]) -> dict[str, Value]:
    """Keys of the dotenv file that no field takes; `extra="forbid"` makes them errors."""
    known = {name for slot in slots for name in _folded(slot, config)}
    nested = tuple(f"{name}{config.delimiter}" for slot in slots if _nests(slot) for name in _folded(slot, config))
    prefix = config.fold(config.prefix)
    names = {config.fold(name): text for name, text in variables.items()}
    return {
        name: Extra(text)
        for name, text in names.items()
        if name not in known and name.startswith(prefix) and not (config.delimiter and name.startswith(nested))
    }


class Extra(str):
    """The text of a key that no field takes."""

    __slots__ = ()


def _decoded(slot: Slot, text: str, source: str) -> Value:
    if not is_complex(slot.annotation) or "NoDecode" in slot.text:
        return text
    try:
        return json.loads(text)
    except ValueError:
        if "Union" in slot.text or "|" in slot.text or "Optional" in slot.text:
            return text
        message = f'error parsing value for field "{slot.name}" from source "{source}"'
        return LibraryError("pydantic_settings.exceptions.SettingsError", message)


def _validated(world: World, cls: Class, slots: list[Slot], given: dict[str, Value], config: Config) -> Value:
    problems: list[Problem] = []
    attributes: dict[str, Value] = {}
    for slot in slots:
        value = given.get(slot.key, given.get(slot.name, MISSING))
        if value is MISSING and not slot.required:
            default = Unknown("a default") if slot.default is ABSENT else slot.default
            attributes[slot.name] = defaulted(cls, slot.name, default)
        elif value is MISSING:
            problems.append(Problem(slot.shown, "Field required", "missing", given))
        else:
            made = _through(world, cls, slot, value)
            if isinstance(made, list) and all(isinstance(it, Problem) for it in made) and made:
                problems += made
            elif isinstance(made, Problem):
                problems.append(made)
            else:
                attributes[slot.name] = made
    problems += [
        Problem(k, "Extra inputs are not permitted", "extra_forbidden", v)
        for k, v in given.items()
        if isinstance(v, Extra)
    ]
    if not problems:
        return made_of(world, cls, attributes)
    _refuse(world, cls, slots, problems, config)
    attributes.update({slot.name: Unknown(slot.name) for slot in slots if slot.name not in attributes})
    return Instance(cls, world, attributes)


def defaulted(cls: Class, name: str, default: Value) -> Value:
    """Settings validate their defaults too (`validate_default`, `validate_all`): an empty one is often filled there."""
    return default if default or not validators_of(cls, name) else Unknown("a default that is validated")


def _refuse(world: World, cls: Class, slots: list[Slot], problems: list[Problem], config: Config) -> None:
    """Raise the ValidationError: its kind is that of the worst problem, its variables are those that are missing."""
    kinds = {problem.kind: problem for problem in reversed(problems)}
    worst = kinds.get("missing") or kinds.get("extra_forbidden") or problems[0]
    names = ",".join(problem.where for problem in problems if problem.kind == worst.kind)
    lost = [
        names_of(slot, config)[0]
        for slot in slots
        if any(p.where == slot.shown and p.kind == "missing" for p in problems)
    ]
    lost += [_nested_name(slots, config, p.where) for p in problems if p.kind == "missing" and "." in p.where]
    variables = ",".join(lost if config.case_sensitive else [name.upper() for name in lost])
    text = _message(world, cls, problems)
    world.refuse(LIBRARY.module, worst.kind, _ERROR, text, names, (ValueError,), owner=cls.name, variables=variables)


def _nested_name(slots: list[Slot], config: Config, where: str) -> str:
    """The variable of a field inside a model: `db.url` is `DB__URL`."""
    first, *rest = where.split(".")
    outer = next((names_of(slot, config)[0] for slot in slots if slot.shown == first), first)
    return config.delimiter.join([outer, *rest])


def _through(world: World, cls: Class, slot: Slot, value: Value) -> Value:
    """A value through the validators before, the type, and the validators after."""
    listed = validators_of(cls, slot.name)
    for validator in [it for it in listed if it.mode == "before"]:
        value, error = run(world, cls, validator, value)
        if error is not None:
            return _refused(slot, value, error)
    if any(validator.mode in ("plain", "wrap") for validator in listed):
        return Unknown(f"{slot.name}, which a validator makes")
    if isinstance(value, dict) and model_of(slot.annotation) is not None:
        return filled(world, slot, value, slots_of)
    made = value if isinstance(value, Unknown) else coerce(slot, value)
    for validator in [it for it in listed if it.mode == "after" and not isinstance(made, Problem)]:
        given = made
        made, error = run(world, cls, validator, given)
        if error is not None:
            return _refused(slot, given, error)
    return made


def _refused(slot: Slot, value: Value, error: Value) -> Problem:
    kind = "assertion_error" if isinstance(error, AssertionError) else "value_error"
    text = "Assertion failed" if kind == "assertion_error" else "Value error"
    return Problem(slot.shown, f"{text}, {error}", kind, value)


def made_of(world: World, cls: Class, attributes: dict[str, Value]) -> Value:
    """The object, after what the class itself does with it; ABSENT where it makes its objects in a way of its own."""
    instance = Instance(cls, world, attributes)
    for base in cls.mro:
        hook = base.namespace.get("model_post_init") if isinstance(base, Class) else None
        if isinstance(hook, Function):
            world.call(hook, [instance, None], {})
        init = base.namespace.get("__init__") if isinstance(base, Class) else None
        if isinstance(init, Function | Wrapped):
            return ABSENT
    return instance


def _message(world: World, cls: Class, problems: list[Problem]) -> str:
    count = len(problems)
    release = ".".join(str(part) for part in (world.version("pydantic") or (2,))[:2])
    lines = [f"{count} validation error{'s' if count != 1 else ''} for {cls.name}"]
    for problem in problems:
        lines.append(problem.where)
        lines.append(f"  {problem.text} [type={problem.kind}, {problem.shown_input()}]")
        lines.append(f"    For further information visit https://errors.pydantic.dev/{release}/v/{problem.kind}")
    return "\n".join(lines)


LIBRARY = Library(
    "pydantic-settings",
    "pydantic_settings",
    objects={"pydantic_settings.BaseSettings": construct},
    classes={"pydantic_settings.BaseSettings": made},
)
