"""What pydantic makes of a text from the environment, for the types that settings are made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import EnumMeta

from seatrial.libraries.values import ABSENT, TEXT, Class, External, ExternalInstance, TypeForm, Unknown, Value


class Missing:
    """The marker for "no source gives a value"."""


MISSING = Missing()
_TRUE = frozenset({"1", "on", "t", "true", "y", "yes"})
_FALSE = frozenset({"0", "off", "f", "false", "n", "no"})
_SHOWN = 50  # characters of an input that pydantic-core shows


@dataclass(frozen=True, slots=True, eq=False)
class Slot:
    """One field of a settings class. `aliases` are the names it is read from instead of its own."""

    name: str
    annotation: Value
    text: str
    required: bool
    default: Value = ABSENT
    aliases: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Under which key pydantic collects the value."""
        return self.aliases[0] if self.aliases else self.name

    @property
    def shown(self) -> str:
        """How an error names the field."""
        return self.key


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of a ValidationError."""

    where: str
    text: str
    kind: str
    value: Value

    def shown_input(self) -> str:
        """`input_value=..., input_type=...` as pydantic-core writes it."""
        value = str(self.value) if isinstance(self.value, str) else self.value
        try:
            text = repr(value)
        except Exception:  # noqa: BLE001 - whatever it is, it is what the program sees
            text = "..."
        if len(text) > _SHOWN:
            text = f"{text[: _SHOWN // 2]}...{text[-(_SHOWN // 2 - 1) :]}"
        kind = "str" if isinstance(value, str) else type(value).__name__
        return f"input_value={text}, input_type={kind}"


def _parts(annotation: Value) -> tuple[Value, ...]:
    """The alternatives of an annotation: `Optional[X]`, `X | None` and `Annotated[X, ...]` seen through."""
    if not isinstance(annotation, TypeForm):
        return (annotation,)
    origin = annotation.origin
    name = origin.name if isinstance(origin, External) else ""
    if name in ("typing.Union", "types.UnionType"):
        return tuple(part for arg in annotation.args for part in _parts(arg))
    if name == "typing.Optional":
        return (*_parts(annotation.args[0]), None)
    if name.endswith(".Annotated"):
        return _parts(annotation.args[0])
    return (annotation,)


def is_complex(annotation: Value) -> bool:
    """Whether the environment's text has to be JSON (`pydantic._internal._utils` and `_annotation_is_complex`)."""
    return any(_is_complex_part(part) for part in _parts(annotation))


def _is_complex_part(part: Value) -> bool:
    origin = part.origin if isinstance(part, TypeForm) else part
    if origin in (list, dict, set, frozenset, tuple):
        return True
    if isinstance(origin, External):
        return origin.name in {
            f"typing.{name}"
            for name in ("List", "Dict", "Set", "FrozenSet", "Tuple", "Sequence", "Mapping", "Iterable")
        }
    return _is_model(origin)


def _is_model(origin: Value) -> bool:
    return isinstance(origin, Class) and any(
        isinstance(base, External) and base.name.endswith("BaseModel") for base in origin.mro
    )


def model_of(annotation: Value) -> Class | None:
    """The model that a field holds, where it is the only thing that it can hold beside None."""
    parts = [part for part in _parts(annotation) if part is not None and part is not type(None)]
    return parts[0] if len(parts) == 1 and isinstance(parts[0], Class) and _is_model(parts[0]) else None


def is_optional(annotation: Value) -> bool:
    """Whether None is one of the alternatives."""
    return any(part is None or part is type(None) for part in _parts(annotation))


def coerce(slot: Slot, value: Value) -> Value:
    """The value that the field gets, a Problem where pydantic refuses it, Unknown where it cannot be told."""
    parts = _parts(slot.annotation)
    if not isinstance(value, str):
        return value
    if any(part is str for part in parts):
        return value
    answers = [_coerce_text(slot, part, value) for part in parts if part is not None and part is not type(None)]
    good = [answer for answer in answers if not isinstance(answer, Problem)]
    if good:
        return good[0]
    return answers[0] if len(answers) == 1 else Unknown(slot.name)


def _coerce_text(slot: Slot, kind: Value, text: str) -> Value:
    if kind is bool:
        return _boolean(slot, text)
    if isinstance(kind, EnumMeta):
        return _member(slot, kind, text)
    if kind is int:
        return _integer(slot, text)
    if kind is float:
        return _number(slot, text)
    if isinstance(kind, External) and (made := _special(kind, text)) is not None:
        return made
    literal = isinstance(kind, TypeForm) and isinstance(kind.origin, External) and kind.origin.name.endswith(".Literal")
    if literal and all(isinstance(item, str) for item in kind.args):
        return text if text in kind.args else _literal(slot, kind, text)
    return Unknown(f"{slot.name}={text}")


def _special(kind: External, text: str) -> ExternalInstance | None:
    """A URL of pydantic's, or a secret, which keep the text that they were made of."""
    name = kind.name.rpartition(".")[2]
    if not kind.name.startswith("pydantic."):
        return None
    if name.endswith("Dsn") and "://" in text:
        return ExternalInstance(External(kind.name, "class"), (text,), {}, {TEXT: text})
    if name == "SecretStr":
        return ExternalInstance(External(kind.name, "class"), (text,), {}, {TEXT: "*" * 10 if text else ""})
    return None


def _member(slot: Slot, kind: EnumMeta, text: str) -> Value:
    members: list[Value] = list(kind.__members__.values())
    values = [member.value for member in members]
    if text in values:
        return members[values.index(text)]
    if not all(isinstance(value, str) for value in values):
        return Unknown(f"{slot.name}={text}")
    quoted = [repr(value) for value in values]
    listed = quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
    return Problem(slot.shown, f"Input should be {listed}", "enum", text)


def _literal(slot: Slot, kind: TypeForm, text: str) -> Problem:
    quoted = [repr(item) for item in kind.args]
    listed = quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
    return Problem(slot.shown, f"Input should be {listed}", "literal_error", text)


def _boolean(slot: Slot, text: str) -> Value:
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    return Problem(slot.shown, "Input should be a valid boolean, unable to interpret input", "bool_parsing", text)


def _integer(slot: Slot, text: str) -> Value:
    try:
        return int(text.strip().replace("_", ""))
    except ValueError:
        message = "Input should be a valid integer, unable to parse string as an integer"
        return Problem(slot.shown, message, "int_parsing", text)


def _number(slot: Slot, text: str) -> Value:
    try:
        return float(text)
    except ValueError:
        message = "Input should be a valid number, unable to parse string as a number"
        return Problem(slot.shown, message, "float_parsing", text)
