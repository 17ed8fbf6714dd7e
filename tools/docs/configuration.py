"""docs/configuration.md, from what `project/configuration.py` reads."""

from __future__ import annotations

import inspect

from seatrial.project import configuration
from seatrial.report.dossier import COMMANDS

_VARIABLES = (
    ("SEATRIAL_USER_A, SEATRIAL_USER_B", "two users for `verify`, each as `email:password`"),
    ("SEATRIAL_TOKEN_A, SEATRIAL_TOKEN_B", "their tokens instead, where the service does not sign people in itself"),
    ("SEATRIAL_JWT_SECRET", "the key that signs tokens, for the probes that forge some"),
    ("SEATRIAL_DEBUG", "shows the traceback of a mistake of seatrial's own"),
    ("NO_COLOR, FORCE_COLOR", "no colours, or colours in a pipe as well"),
)


def page() -> str:
    """The settings of `[tool.seatrial]`, the comments in code, the variables, and the folder of results."""
    title, _, body = inspect.cleandoc(configuration.__doc__ or "").partition("\n\n")
    example = inspect.cleandoc(body.partition("\n\n")[2]) if "\n\n" in body else body
    rows = [f"| `{name}` | {meaning} |" for name, meaning in _VARIABLES]
    kept = ", ".join(f"`{it}.json`" for it in ("audit", *COMMANDS))
    return "\n\n".join(
        [
            "# Configuration",
            "<!-- Made by `make docs` from src/seatrial/project/configuration.py. -->",
            f"{title}\n\n```toml\n{example}\n```",
            "## In the code",
            ("`# seatrial: ignore[CODE] reason` at the end of a line silences one rule there. The reason is required, "
            "and a comment that silences nothing is an issue of its own."),
            "## Variables",
            "\n".join(["| variable | meaning |", "| --- | --- |", *rows]),
            "## What is kept",
            (f"`--save` leaves {kept} in `.seatrial/` below the backend, and `seatrial report` reads them there. "
            "Keep the folder out of version control."),
        ]
    ) + "\n"  # fmt: skip
