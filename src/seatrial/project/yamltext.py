"""YAML whose every value knows its line, read only when a project has a YAML file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Value:
    """A scalar as written (None for null), a list, or a mapping; `line` from 1."""

    data: str | tuple[Value, ...] | dict[str, Value] | None
    line: int

    def get(self, *keys: str) -> Value | None:
        """The value below a chain of mapping keys."""
        found: Value | None = self
        for key in keys:
            found = found.data.get(key) if found is not None and isinstance(found.data, dict) else None
        return found

    def items(self) -> tuple[tuple[str, Value], ...]:
        """The entries of a mapping; () of anything else."""
        return tuple(self.data.items()) if isinstance(self.data, dict) else ()

    def list(self) -> tuple[Value, ...]:
        """The items of a list; a scalar is a list of itself; () of anything else."""
        if isinstance(self.data, tuple):
            return self.data
        return (self,) if isinstance(self.data, str) else ()

    @property
    def text(self) -> str:
        """The scalar; "" of anything else."""
        return self.data if isinstance(self.data, str) else ""


def read_yaml(text: str) -> Value | None:
    """The first document of a text, or None where it is not YAML."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node = next(iter(yaml.compose_all(text, Loader=loader)), None)
        return _value(node, {}, 0) if node is not None else None
    except (yaml.YAMLError, RecursionError, ValueError):
        return None


def _value(node: Any, seen: dict[int, Value], depth: int) -> Value:
    if id(node) in seen:
        return seen[id(node)]
    line = node.start_mark.line + 1
    if depth > _DEEPEST:
        return Value(None, line)
    seen[id(node)] = Value(None, line)  # an alias to an ancestor ends here
    kind = node.id
    if kind == "mapping":
        value = Value(_mapping(node, seen, depth), line)
    elif kind == "sequence":
        value = Value(tuple(_value(item, seen, depth + 1) for item in node.value), line)
    else:
        value = Value(None if node.tag.endswith(":null") else str(node.value), line)
    seen[id(node)] = value
    return value


def _mapping(node: Any, seen: dict[int, Value], depth: int) -> dict[str, Value]:
    merged: dict[str, Value] = {}
    own: dict[str, Value] = {}
    for key, item in node.value:
        value = _value(item, seen, depth + 1)
        if key.id == "scalar" and key.value == "<<":
            for source in value.list() if isinstance(value.data, tuple) else (value,):
                merged.update(dict(source.items()))
        elif key.id == "scalar":
            own[str(key.value)] = value
    return {**merged, **own}
