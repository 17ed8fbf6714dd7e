"""Whether this is production, and where it runs."""

from __future__ import annotations

from collections.abc import Mapping

RAILWAY = ("RAILWAY_ENVIRONMENT", "RAILWAY_ENVIRONMENT_NAME", "RAILWAY_ENVIRONMENT_ID", "RAILWAY_PROJECT_ID")
# Variables that other platforms set in everything they run, and that nobody sets on a laptop.
OTHERS = ("RENDER", "FLY_APP_NAME", "DYNO", "K_SERVICE", "KUBERNETES_SERVICE_HOST", "WEBSITE_INSTANCE_ID")


def on_railway(environ: Mapping[str, str]) -> bool:
    """Railway sets these in every container of every environment."""
    return any(environ.get(name) for name in RAILWAY)


def is_production(environ: Mapping[str, str]) -> bool:
    """Production is what `ENVIRONMENT` or the platform says it is: a platform cannot be talked out of it, so that a
    forgotten or mistaken variable never turns a deployment into a development server.
    """
    said = environ.get("ENVIRONMENT", "").strip().lower()
    return said == "production" or on_railway(environ) or any(environ.get(name) for name in OTHERS)
