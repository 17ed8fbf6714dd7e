"""The application: `uvicorn src.main:app`."""

from __future__ import annotations

from fastapi import FastAPI

from src.auth.router import router as auth_router
from src.health.router import router as health_router
from src.lifespan import lifespan
from src.operations.router import router as operations_router
from src.problems import handlers
from src.problems.schemas import document_problems
from src.reminders.router import router as reminders_router
from src.settings import Settings
from src.starting import ClearStart
from src.tasks.router import router as tasks_router


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Settings are read, and everything is opened, when the server starts: importing does neither."""
    app = FastAPI(
        title="Tasks",
        version="1.0.0",
        description=__doc__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.settings = settings
    handlers.install(app)
    app.add_middleware(ClearStart)
    for router in (tasks_router, health_router, auth_router, reminders_router, operations_router):
        app.include_router(router)
    document_problems(app)
    return app


app = create_app()
