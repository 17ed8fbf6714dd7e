"""Issues: by severity and stage, each with its excerpt, cause and diff."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from seatrial.issue import Location, Severity, Stage
from seatrial.report.blocks import Block, Card, Chapter, Code, Folded, Listing, Mark, Prose, Source, Table, Text
from seatrial.report.dossier import Dossier
from seatrial.report.excerpt import excerpt
from seatrial.report.issues import heading
from seatrial.report.page import Page

TONES = {"blocker": "bad", "error": "bad", "warning": "warn", "note": "info"}


def chapter(dossier: Dossier) -> Chapter:
    """All issues of the audit, and what else was found by starting and building."""
    found = list(_all(dossier))
    if not found:
        return Chapter("issues", "Issues", (Prose(("Nothing was found that would stop or break this backend.",)),))
    blocks: list[Block] = [_counts(found)]
    number = 0
    for (severity, stage), group in groupby(found, key=lambda it: (it["severity"], it["stage"])):
        members = list(group)
        said = heading(Severity(severity), Stage(stage), len(members))
        blocks.append(Prose((Mark(said, TONES[severity]),), lead=True))
        for issue in members:
            number += 1
            blocks.append(_card(f"issue-{number}", issue, dossier.sources))
    return Chapter("issues", "Issues", tuple(blocks))


def _all(dossier: Dossier) -> Iterator[Mapping[str, Any]]:
    """The issues of every command, worst first; what several found stands once."""
    boot, build = dossier.document("boot") or {}, dossier.document("build") or {}
    found = [*dossier.audit["issues"], *boot.get("unexplained", ()), *build.get("issues", ())]
    unique: dict[tuple[object, ...], Mapping[str, Any]] = {}
    for it in found:
        unique.setdefault((it["code"], it["path"], it["line"], it["problem"]), it)
    severities, stages = [it.value for it in Severity], [it.value for it in Stage]
    yield from sorted(unique.values(), key=lambda it: (severities.index(it["severity"]), stages.index(it["stage"])))


def _counts(issues: list[Mapping[str, Any]]) -> Table:
    kinds = Counter((it["category"], it["severity"]) for it in issues)
    categories = list(dict.fromkeys(it["category"] for it in issues))
    names = [it.value for it in Severity]
    rows = tuple(
        ((category,), *((str(kinds[category, name] or "·"),) for name in names)) for category in sorted(categories)
    )
    return Table("Issues by category and severity", ("category", *names), rows)


def _card(anchor: str, issue: Mapping[str, Any], sources: Mapping[str, str]) -> Card:
    place = f"{issue['path']}:{issue['line']}"
    title: Text = (Mark(issue["severity"], TONES[issue["severity"]]), f"{issue['code']} {issue['name']}", Code(place))
    blocks: list[Block] = [Prose((issue["problem"],), lead=True)]
    location = Location(issue["path"], issue["line"], issue["column"], issue["end_line"])
    lines = excerpt(sources[issue["path"]], location, Page(width=160), "") if issue["path"] in sources else []
    if lines:
        blocks.append(Source("\n".join(line.rstrip() for line in lines), "text", place))
    blocks.append(Prose(("Cause: ", issue["cause"])))
    blocks += _mending(issue)
    if issue["related"]:
        items: tuple[Text, ...] = tuple(
            (Code(f"{it['path']}:{it['line']}"), f" {it['message']}") for it in issue["related"]
        )
        blocks.append(Folded(f"Also at {len(items)} other places", (Listing(items),)))
    if issue["evidence"]:
        seen: tuple[Text, ...] = tuple((it["claim"], " ", Code(it["source"])) for it in issue["evidence"])
        blocks.append(Folded("Where this is known from", (Listing(seen),)))
    return Card(anchor, title, tuple(blocks), TONES[issue["severity"]])


def _mending(issue: Mapping[str, Any]) -> Iterator[Block]:
    fix = issue["fix"]
    if fix is None:
        if issue["no_fix_reason"]:
            yield Prose(("No exact fix: ", issue["no_fix_reason"]))
        return
    review = "" if fix["applicability"] == "safe" else " (to be reviewed)"
    yield Prose((f"Fix{review}: ", fix["explanation"]))
    if fix["diff"]:
        yield Source(fix["diff"].rstrip("\n"), "diff", f"the fix of {issue['code']}")
