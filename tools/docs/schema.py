"""docs/schema/, from the types of report/contract.py."""

from __future__ import annotations

import json
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from seatrial.report import contract

_PLAIN: dict[object, str] = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}


def pages() -> dict[str, str]:
    """The text of each schema by its path below docs/."""
    documents = {
        "audit-1": contract.AuditDocument,
        "audits-1": contract.AuditsDocument,
        "boot-1": contract.TrialDocument,
        "baseline-1": contract.BaselineDocument,
        "build-1": contract.BuildDocument,
        "prepare-1": contract.PreparationDocument,
        "verify-1": contract.VerificationDocument,
    }
    return {f"schema/{name}.json": json.dumps(schema(it), indent=2) + "\n" for name, it in documents.items()}


def schema(document: type) -> dict[str, Any]:
    """The JSON Schema of one kind of document. Every field is always there, and there are no others."""
    definitions: dict[str, Any] = {}
    root = _object(document, definitions)
    name = get_args(get_type_hints(document)["schema"])[0]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": name,
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _object(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    return {
        "description": kind.__doc__,
        "type": "object",
        "properties": {name: _field(hint, definitions) for name, hint in hints.items()},
        "required": list(hints),
        "additionalProperties": False,
    }


def _field(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return {**_field(arguments[0], definitions), "description": arguments[1]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, UnionType):
        return {"anyOf": [_field(argument, definitions) for argument in arguments]}
    if origin is list:
        return {"type": "array", "items": _field(arguments[0], definitions)}
    if origin is dict:
        return {"type": "object", "additionalProperties": _field(arguments[1], definitions)}
    if is_typeddict(hint):
        return _reference(hint, definitions)
    return {"type": _PLAIN[hint]}


def _reference(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__.removesuffix("Document")
    if name not in definitions:
        definitions[name] = {}  # a kind that contains itself ends here
        definitions[name] = _object(kind, definitions)
    return {"$ref": f"#/$defs/{name}"}
