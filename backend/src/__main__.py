"""`python -m src`: serve as a platform wants it, on its port, with as many workers as fit."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from typing import Literal

import uvicorn

from src.settings import ConfigurationError, Settings, read_settings


def main() -> int:
    """Read the settings first, so that what is wrong is said once, and not by every worker."""
    try:
        settings = read_settings()
    except ConfigurationError as error:
        print(error, file=sys.stderr)  # noqa: T201 - logs are not set up yet
        return 78  # EX_CONFIG
    if settings.workers == 1:
        return serve(settings)
    # Workers count requests in files that they share.
    with tempfile.TemporaryDirectory(prefix="metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        return serve(settings)


def serve(settings: Settings) -> int:
    """Serve until told to stop. The edge logs requests and finds out client addresses, so uvicorn does neither."""
    uvicorn.run(
        "src.main:app",
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        timeout_graceful_shutdown=max(1, round(settings.drain_s)),
        timeout_keep_alive=65,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        log_config=None,
        http=protocol(),
    )
    return 0


def protocol() -> type[asyncio.Protocol] | Literal["auto"]:
    """What serves a connection; on Windows, which has no httptools, as uvicorn comes."""
    try:
        from src.edge.heads import PatientProtocol
    except ImportError:
        return "auto"
    return PatientProtocol


if __name__ == "__main__":
    sys.exit(main())
