"""The report: what it is gathered from, what it says, and that the page and its twin say the same."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from seatrial.errors import UsageError
from seatrial.issue import Location, Verdict
from seatrial.report import html
from seatrial.report.binding import bind, verdict_of
from seatrial.report.dossier import Dossier, Saved, read_saved
from seatrial.report.layers import layered
from seatrial.report.requirements import REQUIREMENTS
from seatrial.report.standing import standings
from seatrial.report.twin import twin
from seatrial.rules.recorded import Complaint
from tests.report.dossiers import EVIL, WHEN, Documents, many, whole


@pytest.fixture
def dossier(tmp_path: Path, documents: Documents) -> Dossier:
    return whole(tmp_path, documents)


class Reader(HTMLParser):
    """The text of a page, its anchors and its links; fails on elements that are not closed in order."""

    VOID = frozenset({"meta", "link", "input", "br", "rect", "path"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.anchors: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.anchors += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name in ("href", "src") and value]
        if tag not in self.VOID:
            self.open.append(tag)
        assert "onclick" not in known

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.text.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    return reader


def test_page_is_well_formed_and_its_links_lead_somewhere(dossier: Dossier) -> None:
    reader = read(html.page(bind(dossier)))
    assert len(set(reader.anchors)) == len(reader.anchors)
    inner = [link[1:] for link in reader.links if link.startswith("#")]
    assert inner and set(inner) <= set(reader.anchors)
    outer = [link for link in reader.links if not link.startswith(("#", "data:"))]
    assert outer == ["../history/adr/0001-sessions.md"]
    assert (dossier.folder.parent / "history/adr/0001-sessions.md").is_file()


def words(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z]{4,}", text))


def test_twin_says_what_the_page_says(dossier: Dossier) -> None:
    report = bind(dossier)
    page = words(" ".join(read(html.page(report)).text))
    twin_words = words(twin(report))
    only_controls = words(
        "Skip report Light dark copy Zoom Find module edges Made seatrial commands left nothing network"
    )
    legend = words(html._LEGEND) | words("The graph for Mermaid asks page this what from any")
    assert page - twin_words - only_controls - legend == set()


def test_foreign_text_is_no_markup(dossier: Dossier) -> None:
    page = html.page(bind(dossier))
    assert EVIL not in page and "<b>evil" not in page and "<b>evil" not in twin(bind(dossier))
    assert "&lt;b&gt;evil&lt;/b&gt; &lt;/script&gt;" in page
    assert page.count("<script>") == 1


@pytest.mark.parametrize(
    "said",
    [
        "There is no module",
        "Import it from",
        "1 file compiles",
        "GET /health answered 200",
        "1 of 2 routes of the source served.",
        "HTTPBearer by current_user",
        "DATABASE_URL",
        "Keep sessions in the database",
        "cors.foreign-origin",
        "The exchange of cors.foreign-origin",
        "the same flaw as  cors.foreign-origin",
        "made on 2026-11-30 12:00 UTC",
    ],
)
def test_report_tells(dossier: Dossier, said: str) -> None:
    assert said in " ".join(read(html.page(bind(dossier))).text)


def test_verdict_counts_flaws_and_the_probes_that_met_them(dossier: Dossier, documents: Documents) -> None:
    verdicts, flaws = documents["verify"]["verdicts"], documents["verify"]["flaws"]
    assert flaws == ["cors.foreign-origin"] and verdicts["fail"] > 1  # several probes meet it
    said = f"The live server has one flaw: {verdicts['fail']} of {sum(verdicts.values())} probes fail."
    assert verdict_of(dossier) == (said, "bad")


def test_every_requirement_has_its_standing(dossier: Dossier) -> None:
    found = {it.requirement: it for it in standings(dossier)}
    assert list(found) == list(REQUIREMENTS)
    assert found["C5"].verdict is Verdict.HOLDS  # proven from outside
    assert found["C4"].verdict is Verdict.FAILS
    assert found["C6"].verdict is Verdict.FAILS
    assert found["B1"].verdict is Verdict.HOLDS
    assert found["B6"].verdict is Verdict.CANNOT_TELL  # nobody built an image
    assert found["E1"].verdict is Verdict.HOLDS


def test_nothing_holds_by_silence_alone() -> None:
    audit = {**many(9).audit, "measures": [], "issues": []}
    found = {it.requirement: it for it in standings(Dossier("x", "1", WHEN, audit))}
    assert found["D3"].verdict is Verdict.CANNOT_TELL and not any(it.by == "verify" for it in found["D3"].findings)
    assert {found[it].verdict for it in ("A4", "B5", "C1", "C4", "C6", "C7")} == {Verdict.CANNOT_TELL}
    assert all(it.findings for it in found.values() if it.verdict is not Verdict.CANNOT_TELL)


def test_what_seatrial_owes_is_seen_in_its_documents(dossier: Dossier) -> None:
    def verdicts(dossier: Dossier) -> dict[str, Verdict]:
        found = {it.requirement: it.verdict for it in standings(dossier)}
        return {name: found[name] for name in ("A11", "A12", "A14", "A16", "D1", "E2")}

    whole = replace(dossier, unchanged=True)
    assert set(verdicts(whole).values()) == {Verdict.HOLDS}
    issues = dossier.audit["issues"]
    worst_last = sorted(issues, key=lambda it: it["severity"] == "blocker")
    assert worst_last != issues
    verify = dossier.saved["verify"]
    mute = [{**it, "verdict": "?", "reason": ""} for it in verify.document["probes"]]
    for requirement, broken in {
        "A11": replace(whole, audit={**dossier.audit, "issues": [{**issues[0], "cause": ""}, *issues[1:]]}),
        "A12": replace(whole, audit={**dossier.audit, "issues": worst_last}),
        "A16": replace(whole, unchanged=False),
        "D1": replace(
            whole, saved={**dossier.saved, "verify": replace(verify, document={**verify.document, "probes": mute})}
        ),
    }.items():
        assert [name for name, verdict in verdicts(broken).items() if verdict is Verdict.FAILS] == [requirement]
    alone = Dossier(
        "x", "1", WHEN, {**dossier.audit, "issues": [], "imports": {**dossier.audit["imports"], "modules": []}}
    )
    assert set(verdicts(alone).values()) == {Verdict.CANNOT_TELL}


def test_what_broke_off_was_not_quick_and_a_dead_link_is_not_in_order(dossier: Dossier) -> None:
    verify = dossier.saved["verify"]
    cut = replace(verify, document={**verify.document, "interrupted": True})
    dead = Complaint(Location("history/adr/0001-sessions.md", 9), "the link leads to 0002-other.md, which is not there")
    found = {it.requirement: it for it in standings(replace(dossier, saved={"verify": cut}, complaints=(dead,)))}
    assert all(it.verdict is not Verdict.HOLDS for it in found["D5"].findings)
    assert found["E1"].verdict is Verdict.FAILS and found["E1"].findings[0].statement == dead.text


def test_what_was_seen_counts_more_than_what_was_foretold(dossier: Dossier) -> None:
    del dossier.saved["verify"]  # type: ignore[attr-defined]
    assert verdict_of(dossier) == ("It does not start as it stands, and serves after 1 fix.", "warn")
    del dossier.saved["boot"]  # type: ignore[attr-defined]
    assert verdict_of(dossier) == ("It builds, starts and stops in a clean room.", "good")
    del dossier.saved["build"]  # type: ignore[attr-defined]
    assert verdict_of(dossier) == ("It would not start: it stops while it is imported.", "bad")


def test_documents_are_read_with_their_age(tmp_path: Path, documents: Documents) -> None:
    (tmp_path / ".seatrial").mkdir()
    (tmp_path / ".seatrial" / "verify.json").write_text(json.dumps(documents["verify"]))
    os.utime(tmp_path / ".seatrial" / "verify.json", (1000, 1000))
    saved = read_saved(tmp_path, 2000.0)
    assert list(saved) == ["verify"] and saved["verify"].older_than_code
    assert not read_saved(tmp_path, 500.0)["verify"].older_than_code
    report = bind(Dossier("x", "1", WHEN, many(9).audit, saved={"verify": Saved(documents["verify"], WHEN, True)}))
    assert "the code has changed since: make it anew" in twin(report)


@pytest.mark.parametrize("text", ["", "[", "[]", '{"schema": "seatrial/audit/1"}', "[" * 100_000, "\xff"])
def test_other_files_are_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / ".seatrial").mkdir()
    (tmp_path / ".seatrial" / "boot.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=r"boot\.json"):
        read_saved(tmp_path, 0.0)


def test_layers_lead_down_and_circles_stay_together() -> None:
    edges = [("main", "a"), ("main", "b"), ("a", "c"), ("b", "c"), ("c", "d"), ("d", "c"), ("d", "e")]
    found = layered("abcde", edges[2:])
    assert [set(row) for row in found.rows] == [{"a", "b"}, {"c", "d"}, {"e"}]
    assert found.circle == {"c": 1, "d": 1}
    depth = {module: number for number, row in enumerate(layered(["main", *"abcde"], edges).rows) for module in row}
    assert all(depth[a] < depth[b] for a, b in edges if {a, b} != {"c", "d"})


def test_size_of_the_page() -> None:
    assert len(html.page(bind(many(60))).encode()) <= 1_500_000


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "seatrial", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300)


def backend(root: Path) -> None:
    (root / "Procfile").write_text("web: uvicorn main:app\n")
    (root / "requirements.txt").write_text("fastapi\nuvicorn\n")
    (root / "main.py").write_text("from fastapi import FastAPI\n\napp = FastAPI()\n")


def test_command_writes_the_page_and_its_twin(tmp_path: Path) -> None:
    backend(tmp_path)
    made = run("report", ".", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines()[0].startswith("It would start")
    folder = tmp_path / ".seatrial"
    assert sorted(it.name for it in folder.iterdir()) == ["audit.json", "report.html", "report.md"]
    document: Any = json.loads((folder / "audit.json").read_text())
    assert document["schema"] == "seatrial/audit/1"
    (folder / "boot.json").write_text("{")
    refused = run("report", ".", cwd=tmp_path)
    assert refused.returncode == 2 and "boot.json is not a document" in refused.stderr
    elsewhere = run("report", ".", "--output", str(tmp_path / "absent" / "folder"), cwd=tmp_path)
    assert elsewhere.returncode == 2 and "Traceback" not in elsewhere.stderr
