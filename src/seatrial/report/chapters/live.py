"""The live server: every probe with its verdict and what was exchanged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from seatrial.report.blocks import Block, Chapter, Code, Folded, Listing, Prose, Source, Table, Text
from seatrial.report.dossier import Dossier
from seatrial.report.evidence import plain, when
from seatrial.report.marks import verdict_mark


def chapter(dossier: Dossier) -> Chapter:
    """What the verification of a live URL found."""
    verify = dossier.document("verify")
    if verify is None:
        missing = Prose(("No live server was verified: ", Code("seatrial verify URL --save"), " does so from outside."))
        return Chapter("live", "The live server", (missing,))
    verdicts = Counter(probe["verdict"] for probe in verify["probes"])
    counts = ", ".join(f"{number} {verdict}" for verdict, number in verdicts.most_common())
    first = f"{counts}; {verify['requests']} requests in {verify['duration_s']:.1f} s"
    blocks: list[Block] = [Prose((Code(verify["url"]), f": {first}{when(dossier.saved['verify'])}"), lead=True)]
    blocks += [Prose((limit,)) for limit in verify["limits"]]
    blocks += _groups(verify["probes"])
    blocks += _traces(verify)
    return Chapter("live", "The live server", tuple(blocks))


def _groups(probes: list[Mapping[str, Any]]) -> Iterator[Block]:
    for group, members in groupby(sorted(probes, key=lambda it: it["group"]), key=lambda it: it["group"]):
        listed = list(members)
        rows = tuple(((Code(it["id"]),), (verdict_mark(it["verdict"]),), (it["severity"],), _seen(it)) for it in listed)
        yield Table(f"Probes of {group}", ("probe", "verdict", "severity", "what was seen"), rows)
        for it in listed:
            if it["verdict"] == "fail" and not it["same_as"]:
                yield Prose((Code(it["id"]), f" Cause: {it['cause']} Fix: {it['fix']}"))
                yield Folded(f"The exchange of {it['id']}", (Source(plain(it["evidence"]), "text", it["id"]),))


def _seen(probe: Mapping[str, Any]) -> Text:
    """What a probe saw, and which flaw told elsewhere it is, or what would settle it."""
    said = probe["reason"] or probe["name"]
    if probe["same_as"]:
        return said, "; the same flaw as ", Code(probe["same_as"])
    return (f"{said}; what settles it: {probe['settle']}",) if probe["settle"] else (said,)


def _traces(verify: Mapping[str, Any]) -> Iterator[Block]:
    left = verify["left"]
    made, gone = len(verify["created"]), len(verify["deleted"])
    yield Prose((f"Of {made} things made on the server {gone} were removed, {len(left)} are left.",))
    if left:
        yield Listing(tuple((Code(plain(it)),) for it in left))
