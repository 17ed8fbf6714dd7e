"""The application, made of its parts."""

from __future__ import annotations

import sqlite3

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from . import accounts, edge, items
from .settings import Settings
from .store import Store


def create_app(settings: Settings) -> FastAPI:
    """The service on the database of its settings."""
    store = Store(settings.database)
    app = FastAPI(title="Todos", version="2.1.0", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings, app.state.store = settings, store

    @app.get("/api/health")
    def health() -> JSONResponse:
        try:
            with store.connect() as rows:
                rows.execute("SELECT count(*) FROM users").fetchone()
        except sqlite3.Error:
            return JSONResponse({"status": "fail"}, 503)
        return JSONResponse({"status": "pass"})

    app.include_router(accounts.router(settings, store))
    app.include_router(items.router(store))
    edge.install(app, settings)
    return app
