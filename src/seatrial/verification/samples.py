"""Makes up JSON bodies that a schema accepts."""

from __future__ import annotations

from collections.abc import Mapping

Schema = Mapping[str, object]
_DEEPEST = 5
_BY_FORMAT = {
    "date-time": "2031-01-01T00:00:00Z",
    "date": "2031-01-01",
    "time": "12:00:00",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "email": "vrf@example.com",
    "uri": "https://example.com/",
}


def sample(schema: Schema, depth: int = 0) -> object:
    """A value that fits the schema, the required fields only. References are resolved already."""
    for key in ("const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    if isinstance(choices := schema.get("enum"), list) and choices:
        return choices[0]
    for key in ("anyOf", "oneOf", "allOf"):
        if isinstance(options := schema.get(key), list):
            return _first(options, depth)
    return _by_type(schema, depth)


def _first(options: list[object], depth: int) -> object:
    schemas = [it for it in options if isinstance(it, dict)]
    useful = [it for it in schemas if it.get("type") != "null"] or schemas
    return sample(useful[0], depth) if useful else None


def _by_type(schema: Schema, depth: int) -> object:
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return {} if depth > _DEEPEST else sample_object(schema, depth)
    if kind == "array":
        items = schema.get("items")
        return [sample(items, depth + 1)] if schema.get("minItems") and isinstance(items, dict) else []
    if kind in ("integer", "number"):
        return _number(schema)
    if kind == "boolean":
        return False
    return _text(schema) if kind == "string" else None


def sample_object(schema: Schema, depth: int = 0) -> dict[str, object]:
    """An object with the required fields of the schema."""
    properties, required = schema.get("properties"), schema.get("required")
    if not isinstance(properties, dict) or not isinstance(required, list):
        return {}
    return {name: sample(properties[name], depth + 1) for name in required if isinstance(properties.get(name), dict)}


def _number(schema: Schema) -> float | int:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if isinstance(low, int | float):
        return int(low) + 1 if not isinstance(high, int | float) or low + 1 <= high else low
    return min(1, int(high)) if isinstance(high, int | float) else 1


def _text(schema: Schema) -> str:
    if isinstance(form := schema.get("format"), str) and form in _BY_FORMAT:
        return _BY_FORMAT[form]
    shortest, longest = schema.get("minLength"), schema.get("maxLength")
    text = "seatrial"
    if isinstance(shortest, int) and shortest > len(text):
        text = text.ljust(shortest, "x")
    return text[:longest] if isinstance(longest, int) else text
