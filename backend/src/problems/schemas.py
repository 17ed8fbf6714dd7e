"""Problem documents, as the documentation shows them."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from src.problems.problem import MEDIA_TYPE

MEANINGS = {
    400: "Not to be understood",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not there",
    408: "Not come in time",
    409: "In the way of what is there",
    413: "Too large",
    422: "Not of the documented form",
    429: "Too often",
    502: "Refused by a service behind this one",
    503: "Not at the moment",
}


class InvalidPart(BaseModel):
    """A place in the request, and what is wrong there."""

    loc: list[str | int]
    msg: str
    type: str


class ProblemDocument(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[InvalidPart] | None = None


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer with these problems."""
    schema = {"$ref": "#/components/schemas/ProblemDocument"}
    return {
        status: {"description": MEANINGS[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in sorted({*statuses, 400, 408, 413})
    }


def document_problems(app: FastAPI) -> None:
    """Put the schema of problem documents into the OpenAPI document, which routes refer to."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        schema = generate()
        problem = ProblemDocument.model_json_schema(ref_template="#/components/schemas/{model}")
        parts: dict[str, Any] = problem.pop("$defs", {})
        schema["components"]["schemas"] |= {**parts, "ProblemDocument": problem}
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
