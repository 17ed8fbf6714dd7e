"""docs/json.md, from the types of report/contract.py."""

from __future__ import annotations

import json as encoder

from tools.docs import schema


def page() -> str:
    """Each kind of document with its fields."""
    parts = [
        "# JSON documents",
        "<!-- Made by `make docs` from src/seatrial/report/contract.py. -->",
        (
            "`--format json` is a contract: fields are added within a version, never taken away. Every field is always "
            "there. Paths are relative to PATH, with forward slashes; lines and columns count from 1."
        ),
    ]
    for path, text in schema.pages().items():
        document = encoder.loads(text)
        rows = [
            f"| `{name}` | {_kind(it)} | {it.get('description', '')} |" for name, it in document["properties"].items()
        ]
        table = "\n".join(["| field | kind | meaning |", "| --- | --- | --- |", *rows])
        parts.append(f"## {document['title']}\n\n{document['description']} [Schema]({path})\n\n{table}")
    return "\n\n".join(parts) + "\n"


def _kind(field: dict[str, object]) -> str:
    """A field's type in words."""
    match field:
        case {"enum": list(values)}:
            return " or ".join(f"`{value}`" for value in values)
        case {"anyOf": list(parts)}:
            return " or ".join(_kind(part) for part in parts)
        case {"type": "array", "items": dict(inner)}:
            return f"list of {_kind(inner)}"
        case {"$ref": str(target)}:
            return target.rpartition("/")[2]
        case {"type": str(name)}:
            return name
    return "anything"
