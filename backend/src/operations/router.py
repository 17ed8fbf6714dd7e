"""Routes for operators. In production they answer 404 where no operator's token is set."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from src.operations.authorisation import require_operator, require_reader
from src.services import Serving

router = APIRouter(include_in_schema=False)

# The page loads Swagger UI from where FastAPI's page says.
PAGE_POLICY = (
    "default-src 'none'; connect-src 'self'; img-src 'self' data: https://fastapi.tiangolo.com; "
    "script-src 'unsafe-inline' https://cdn.jsdelivr.net; style-src 'unsafe-inline' https://cdn.jsdelivr.net; "
    "frame-ancestors 'none'"
)


@router.get("/openapi.json", dependencies=[Depends(require_reader)])
async def openapi(request: Request) -> Response:
    """The schema."""
    return JSONResponse(request.app.openapi())


@router.get("/docs", dependencies=[Depends(require_reader)])
async def docs(request: Request) -> Response:
    """The page to read and try it."""
    page = get_swagger_ui_html(openapi_url="/openapi.json", title=request.app.title)
    page.headers["content-security-policy"] = PAGE_POLICY
    return page


@router.get("/metrics")
async def metrics(services: Serving, _: Annotated[None, Depends(require_operator)]) -> Response:
    """The numbers of this process, or of all its workers."""
    return Response(services.metrics.page(), media_type=CONTENT_TYPE_LATEST)
