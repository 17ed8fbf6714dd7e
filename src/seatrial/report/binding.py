"""Binds the chapters of a dossier into one report, with the verdict on its first line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from importlib import import_module

from seatrial.issue import Verdict
from seatrial.report.blocks import Block, Chapter, Figures, Report, Tone
from seatrial.report.chapters import NAMES
from seatrial.report.dossier import Dossier
from seatrial.report.standing import standings
from seatrial.report.text import counted
from seatrial.report.verdict import STOPS

_MESSAGE = 160  # characters of a message; all of it stands below


def bind(dossier: Dossier) -> Report:
    """The whole report."""
    chapters = tuple(import_module(f"seatrial.report.chapters.{name}").chapter(dossier) for name in NAMES)
    verdict, tone = verdict_of(dossier)
    audit = dossier.audit
    target = audit["target"]
    facts = (
        *_stop(dossier),
        f"started as {target['value']}" if target else "nothing says what starts it",
        f"judged for Python {audit['python']}",
        f"made on {dossier.made:%Y-%m-%d %H:%M} UTC by seatrial {dossier.version}",
        *audit["summary"]["limits"],
    )
    return Report(f"Sea trial of {dossier.name}", verdict, tone, facts, (_overview(dossier), *chapters))


def _stop(dossier: Dossier) -> Iterator[str]:
    """With which exception the backend as it stands stops, and where."""
    boot = dossier.document("boot")
    stop = boot["before"] if boot is not None else dossier.audit["boot"]["predicted"]
    if stop["exception"]:
        said = " ".join(str(stop["message"] or "").split())
        said = f"{said[:_MESSAGE]}…" if len(said) > _MESSAGE else said
        place = f" at {stop['path']}:{stop['line']}" if stop["path"] else ""
        yield f"{stop['exception']}{': ' if said else ''}{said}{place}"


def verdict_of(dossier: Dossier) -> tuple[str, Tone]:
    """The one thing to know first: what was seen counts more than what was foretold."""
    boot, build, verify = (dossier.document(it) for it in ("boot", "build", "verify"))
    verdicts = Counter(it["verdict"] for it in (verify or {}).get("probes", ()))
    if verify is not None and verify["flaws"]:
        flaws = "one flaw" if len(verify["flaws"]) == 1 else f"{len(verify['flaws'])} flaws"
        return f"The live server has {flaws}: {verdicts['fail']} of {verdicts.total()} probes fail.", "bad"
    if boot is not None:
        return _observed(boot)
    if build is not None and build["verdict"] == "fail":
        return "It does not build, start and stop from what it declares.", "bad"
    seen = ["it builds, starts and stops in a clean room"] if build and build["verdict"] == "pass" else []
    seen += [f"live, {verdicts['pass']} of {verdicts.total()} probes pass and none fails"] if verdicts["pass"] else []
    said = "; ".join(seen)
    return (f"{said[0].upper()}{said[1:]}.", "good") if said else _foretold(dossier)


def _observed(boot: object) -> tuple[str, Tone]:
    assert isinstance(boot, dict)
    before, after = boot["before"], boot["after"]
    if before["outcome"] == "serves":
        return "It starts and serves, as a real start showed.", "good"
    if after["outcome"] == "serves":
        count = len(boot["applied"])
        return f"It does not start as it stands, and serves after {count} {'fix' if count == 1 else 'fixes'}.", "warn"
    return "It does not start, and no known fix makes it serve.", "bad"


def _foretold(dossier: Dossier) -> tuple[str, Tone]:
    predicted, summary = dossier.audit["boot"]["predicted"], dossier.audit["summary"]
    if predicted["outcome"] == "fails":
        stop = next((said for stage, said in STOPS.items() if stage == predicted["stage"]), "it fails")
        return f"It would not start: {stop}.", "bad"
    if predicted["outcome"] == "unknown":
        return f"It cannot be told whether it would start: {predicted['message']}", "warn"
    if summary["blocker"]:
        return "It would start where it is installed already, but not anew: its installation stops.", "bad"
    tail = f", with {counted(summary['error'], 'error')} to mend" if summary["error"] else ""
    return f"It would start and serve{tail}.", "warn" if tail else "good"


def _figure(number: int, noun: str, tone: Tone) -> tuple[str, str, Tone]:
    """One number of the overview; none of what is bad is good."""
    return str(number), noun if number == 1 else f"{noun}s", tone if number or tone == "plain" else "good"


def _overview(dossier: Dossier) -> Chapter:
    summary = dossier.audit["summary"]
    counts = Counter(it.verdict for it in standings(dossier))
    pairs: list[tuple[str, str, Tone]] = [
        _figure(summary["blocker"], "blocker", "bad"),
        _figure(summary["error"], "error", "bad"),
        _figure(summary["warning"], "warning", "warn"),
        (f"{summary['fixes']['safe']}", "fixes that apply as they stand", "plain"),
        _figure(len(dossier.audit["routes"]), "endpoint", "plain"),
        (f"{len(dossier.audit['imports']['modules'])}", "modules loaded", "plain"),
        (f"{counts[Verdict.HOLDS]} of {sum(counts.values())}", "requirements hold", "plain"),
    ]
    blocks: tuple[Block, ...] = (Figures(tuple(pairs)),)
    return Chapter("overview", "Overview", blocks)
