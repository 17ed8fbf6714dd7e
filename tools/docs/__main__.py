"""`python -m tools.docs`: writes the pages below docs/ that are made from the code, and removes left-over ones."""

from __future__ import annotations

from pathlib import Path

from tools.docs import cli, configuration, faults, json, probes, rules, schema

DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    """Bring the pages in step with the code."""
    pages = {
        "cli.md": cli.page(),
        "configuration.md": configuration.page(),
        "faults.md": faults.page(),
        "json.md": json.page(),
        **rules.pages(),
        **probes.pages(),
        **schema.pages(),
    }
    for path, text in pages.items():
        target = DOCS / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
    for folder in ("rules", "probes", "schema"):
        for found in sorted((DOCS / folder).iterdir()):
            if found.relative_to(DOCS).as_posix() not in pages:
                found.unlink()


if __name__ == "__main__":
    main()
