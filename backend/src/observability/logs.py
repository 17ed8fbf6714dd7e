"""Log lines: one JSON object each in production, text elsewhere; every one with the request's number."""

from __future__ import annotations

import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson

from src.observability.context import REQUEST_ID

# What every record has; whatever else it carries was said by the caller.
KNOWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a record says."""
    fields = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname,
        "logger": record.name,
        "message": record.getMessage(),
        "request_id": REQUEST_ID.get(),
    }
    fields |= {name: value for name, value in vars(record).items() if name not in KNOWN}
    if record.exc_info and record.exc_info[1]:
        fields["exception"] = "".join(traceback.format_exception(record.exc_info[1]))
    return fields


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        return orjson.dumps(fields_of(record), default=str).decode()


class TextLines(logging.Formatter):
    """Lines for people."""

    def format(self, record: logging.LogRecord) -> str:
        fields = fields_of(record)
        said = " ".join(f"{name}={value}" for name, value in fields.items() if name not in {"exception", *SHOWN})
        line = f"{fields['time'][11:23]} {fields['level']:<7} {fields['message']} {said}"
        return line + ("\n" + fields["exception"] if "exception" in fields else "")


SHOWN = ("time", "level", "logger", "message")


def set_up_logs(*, json: bool, level: str, stream: TextIO | None = None) -> None:
    """Send all lines, the server's own too, through one handler. Requests are logged by the edge, not by the server."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines() if json else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "alembic"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.getLogger("uvicorn.access").disabled = True
    for name in ("alembic", "httpx", "httpcore"):
        logging.getLogger(name).setLevel("WARNING")
