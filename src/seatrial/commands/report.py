"""`seatrial report`."""

from __future__ import annotations

import argparse
from pathlib import Path

from seatrial.commands.console import progress, show
from seatrial.commands.exits import CLEAN
from seatrial.commands.start import add_start, start_of

HELP = "gather the evidence in one page"
DESCRIPTION = (
    "Audits the backend and gathers that, what `boot`, `build` and `verify` left in PATH/.seatrial with --save, and "
    "the decision records in one HTML page and its Markdown twin. Both need no network and no other file."
)


def configure(command: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    add_start(command, save=False)
    command.add_argument("--output", metavar="FOLDER", help="where to write them (default: PATH/.seatrial)")
    command.add_argument("--open", action="store_true", help="show the page in the browser")


def run(arguments: argparse.Namespace) -> int:
    """Carry the command out. Returns the exit code."""
    from seatrial import pipeline
    from seatrial.options import AuditOptions
    from seatrial.report import html, json
    from seatrial.report.binding import bind
    from seatrial.report.saving import FOLDER, folder_at, save, write
    from seatrial.report.twin import twin

    path = Path(arguments.path)
    folder = Path(arguments.output) if arguments.output else path / FOLDER
    with progress() as line:
        dossier = pipeline.report(path, AuditOptions(**start_of(arguments)), folder, line)
    report = bind(dossier)
    save(path, "audit", json.text(dossier.audit))
    folder_at(folder)
    write(folder / "report.html", html.page(report))
    write(folder / "report.md", twin(report))
    if arguments.open:
        import webbrowser

        webbrowser.open((folder / "report.html").resolve().as_uri())
    told = f"{report.verdict}\n\n  {folder / 'report.html'}\n  {folder / 'report.md'}\n"
    show(told)
    return CLEAN
