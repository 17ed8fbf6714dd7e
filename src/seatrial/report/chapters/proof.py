"""What was proven: the real starts before and after the fixes, and the stages of the build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seatrial.report.blocks import Block, Chapter, Code, Folded, Listing, Mark, Prose, Source, Table, Text
from seatrial.report.dossier import Document, Dossier
from seatrial.report.evidence import said, when
from seatrial.report.marks import verdict_mark


def chapter(dossier: Dossier) -> Chapter:
    """The trial and the build, and how to make those that are missing."""
    blocks = [*_boot(dossier), *_build(dossier)]
    return Chapter("proof", "What was proven", tuple(blocks))


def _boot(dossier: Dossier) -> Iterator[Block]:
    boot = dossier.document("boot")
    if boot is None:
        yield Prose(("The server was not started: ", Code("seatrial boot --save"), " does so in a scratch copy."))
        return
    yield Prose(("Starts of the server, for real", when(dossier.saved["boot"])), lead=True)
    yield Table(
        "What the starts showed",
        ("start", "outcome", "stopped by", "at"),
        (_start("as it stands", boot["before"]), _start(_mended(boot), boot["after"])),
    )
    yield from _prediction(dossier.audit["boot"]["predicted"], boot["before"])
    yield from _routes(boot["routes"])
    if boot["patch"]:
        yield Folded("The patch that was proven", (Source(boot["patch"].rstrip("\n"), "diff", "the patch"),))


def _mended(boot: Document) -> str:
    return f"with the fixes of {', '.join(boot['applied'])}" if boot["applied"] else "the same start"


def _start(name: str, boot: Mapping[str, Any]) -> tuple[Text, ...]:
    stopped = f"{boot['exception']}: {boot['message']}" if boot["exception"] else boot["message"] or ""
    place: Text = (Code(f"{boot['path']}:{boot['line']}"),) if boot["path"] else ("",)
    return (name,), (verdict_mark(boot["outcome"]),), (Code(stopped),) if stopped else ("",), place


def _prediction(predicted: Mapping[str, Any], observed: Mapping[str, Any]) -> Iterator[Block]:
    parts = ("outcome", "stage", "exception", "message", "path", "line")
    if predicted["outcome"] == "unknown":
        yield Prose(("The audit could not tell what this start would do.",))
    elif all(predicted[part] == observed[part] for part in parts):
        yield Prose(("The audit had predicted this start from the source: stage, exception, message and place.",))
    else:
        differing = ", ".join(part for part in parts if predicted[part] != observed[part])
        yield Prose((Mark("the prediction differs", "warn"), f" in {differing}; please report it."))


def _routes(routes: Mapping[str, Any]) -> Iterator[Block]:
    if not routes["expected"]:
        return
    missing = [route for route in routes["expected"] if route not in set(routes["served"])]
    yield Prose(
        (f"{len(routes['expected']) - len(missing)} of {len(routes['expected'])} routes of the source served.",)
    )
    if missing:
        yield Folded(f"{len(missing)} routes were not served", (Listing(tuple((Code(it),) for it in missing)),))


def _build(dossier: Dossier) -> Iterator[Block]:
    build = dossier.document("build")
    if build is None:
        yield Prose(("It was not built in a clean room: ", Code("seatrial build --save"), " does."))
        return
    yield Prose(("The build, in a clean room", when(dossier.saved["build"])), lead=True)
    rows = tuple(
        ((stage["name"],), (verdict_mark(stage["verdict"]),), (f"{stage['duration_s']:.1f} s",), (said(stage),))
        for stage in build["stages"]
    )
    yield Table("Stages of the build", ("stage", "verdict", "took", "seen"), rows)
