"""Reads an OpenAPI document: operations with schemas in which every reference is resolved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from seatrial.verification.api import Operation

_METHODS = ("get", "post", "put", "patch", "delete")
_DEEPEST = 6  # levels of a schema that are followed; recursive models end there
_MOST = 2000  # operations that are read
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
Document = Mapping[str, object]


def is_schema(document: object) -> bool:
    """Whether it is an OpenAPI document."""
    return isinstance(document, dict) and "openapi" in document and isinstance(document.get("paths"), dict)


def read_operations(document: Document) -> tuple[Operation, ...]:
    """Every operation of the document, in its order. What is no operation is left out."""
    prefix = _prefix(document)
    found: list[Operation] = []
    for path, method, operation in _operations(document):
        if len(found) == _MOST:
            break
        schema, form = _body(document, operation)
        found.append(
            Operation(
                method.upper(),
                prefix + path,
                schema,
                _answer(document, operation),
                _query(document, operation),
                form,
                bool(operation.get("security", document.get("security"))),
            )
        )
    return tuple(found)


def title_of(document: Document) -> str:
    """The title of the service."""
    return str(_dict(document.get("info")).get("title", ""))


def _operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, item in _dict(document.get("paths")).items():
        for method in _METHODS:
            operation = _dict(item).get(method)
            if isinstance(operation, dict) and str(path).startswith("/"):
                yield str(path), method, operation


def _prefix(document: Document) -> str:
    """The path that stands before all others, as behind a proxy: that of the only server."""
    servers = document.get("servers")
    if not isinstance(servers, list) or not servers:
        return ""
    return urlsplit(str(_dict(servers[0]).get("url", ""))).path.rstrip("/")


def _body(document: Document, operation: Document) -> tuple[Document, bool]:
    content = _dict(_target(document, operation.get("requestBody")).get("content"))
    for kind, form in (("application/json", False), *((it, True) for it in _FORMS)):
        schema = _dict(_dict(content.get(kind)).get("schema"))
        if schema:
            return resolved(document, schema), form
    return {}, False


def _answer(document: Document, operation: Document) -> Document:
    for status, response in _dict(operation.get("responses")).items():
        if str(status).startswith("2"):
            content = _dict(_target(document, response).get("content"))
            return resolved(document, _dict(_dict(content.get("application/json")).get("schema")))
    return {}


def _query(document: Document, operation: Document) -> tuple[str, ...]:
    parameters = operation.get("parameters")
    known = [resolved(document, _dict(it)) for it in parameters] if isinstance(parameters, list) else []
    return tuple(str(it.get("name")) for it in known if it.get("in") == "query")


def _target(document: Document, value: object) -> Document:
    """A part of the document, or what it refers to; the schemas within are left as they are, since depth is counted."""
    reference = _dict(value).get("$ref")
    return _at(document, reference) if isinstance(reference, str) else _dict(value)


def resolved(document: Document, value: Document, depth: int = 0) -> Document:
    """A part of the document without references; what lies too deep is left empty."""
    target = value.get("$ref")
    if isinstance(target, str):
        return resolved(document, _at(document, target), depth + 1) if depth < _DEEPEST else {}
    return {key: _within(document, it, depth + 1) for key, it in value.items()} if depth < 2 * _DEEPEST else {}


def _within(document: Document, value: object, depth: int) -> object:
    if isinstance(value, dict):
        return resolved(document, value, depth)
    return [_within(document, it, depth) for it in value] if isinstance(value, list) else value


def _at(document: Document, reference: str) -> Document:
    value: object = document
    for step in reference.removeprefix("#/").split("/"):
        value = _dict(value).get(step.replace("~1", "/").replace("~0", "~"))
    return _dict(value)


def _dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
