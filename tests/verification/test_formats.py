"""The formats of a verification, made of one real run of a service with faults."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from seatrial.cli import main
from seatrial.issue import Severity
from seatrial.report import formats
from seatrial.report.page import Page
from seatrial.verification.probe import Verdict
from seatrial.verification.results import Verification
from tests.verification import faults_of_todos as faults
from tests.verification.trials import at, options, todos, verify

SARIF = Path(__file__).parent.parent / "report" / "sarif-2.1.0.json"
PAGE = Page()
PLANTED = ("any origin, with cookies", "pages on", "sniffing")
SELECTED = ("cors", "exposure", "headers", "tls", "health.told-too-much", "isolation.foreign-read")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Verification]:
    """A run with three flaws, one of which trips many probes, and with probes that are skipped."""
    place = tmp_path_factory.mktemp("formats")
    plants = tuple(plant for it in faults.ALL if it.name in PLANTED for plant in it.plants)
    app = todos(place, plants)
    with at(app) as url:
        yield verify(url, options(app, place, *SELECTED))


def test_run_tells_each_flaw_once(run: Verification) -> None:
    flaws = {it.probe.id for it in run.flaws}
    assert {"cors.foreign-origin", "exposure.documentation", "headers.sniffing"} <= flaws
    repeated = {it.probe.id for it in run.results if it.same_as == "cors.foreign-origin"}
    assert len(repeated) >= 5 and not repeated & flaws


def test_junit_counts_as_the_run_does(run: Verification) -> None:
    root = ElementTree.fromstring(formats.verification("junit", run, PAGE))
    cases = root.findall(".//testcase")
    assert len(cases) == len(run.results)
    failed = [it for it in run.flaws if it.severity in (Severity.BLOCKER, Severity.ERROR)]
    assert len(root.findall(".//failure")) == len(failed) == sum(int(it.get("failures", "")) for it in root)
    skipped = [it for it in run.results if it.verdict in (Verdict.SKIPPED, Verdict.INCONCLUSIVE) or it.same_as]
    assert len(root.findall(".//skipped")) == len(skipped) == sum(int(it.get("skipped", "")) for it in root)
    failure = root.find(".//failure")
    assert failure is not None and "curl -i" in (failure.text or "") and "Fix: " in (failure.text or "")


def test_sarif_is_accepted_by_the_official_schema(run: Verification) -> None:
    for it in (run, replace(run, results=(), left=("a todo",), interrupted=True)):
        log = json.loads(formats.verification("sarif", it, PAGE))
        official = json.loads(SARIF.read_text(encoding="utf-8"))
        validator = jsonschema.Draft202012Validator(official, format_checker=jsonschema.FormatChecker())
        assert [error.message for error in validator.iter_errors(log)] == []
    results = json.loads(formats.verification("sarif", run, PAGE))["runs"][0]["results"]
    assert [it["ruleId"] for it in results] == [it.probe.id for it in run.flaws]
    assert all(it["webRequest"]["method"] and it["webResponse"]["statusCode"] for it in results)


def test_sarif_knows_a_flaw_again(run: Verification) -> None:
    again = replace(run, results=tuple(replace(it, evidence=(), reason="in other words") for it in run.results))
    prints = [
        [it["partialFingerprints"] for it in json.loads(formats.verification("sarif", one, PAGE))["runs"][0]["results"]]
        for one in (run, again)
    ]
    assert prints[0] == prints[1] and len({str(it) for it in prints[0]}) == len(prints[0])


@pytest.mark.parametrize("name", ["markdown", "html"])
def test_page_and_its_twin_name_every_probe(run: Verification, name: str) -> None:
    text = formats.verification(name, run, PAGE)
    assert [it.probe.id for it in run.results if it.probe.id not in text] == []
    assert "curl -i" in text and "It fails" in text


@pytest.mark.parametrize("name", formats.names("verifications"))
def test_no_format_tells_a_secret(run: Verification, name: str) -> None:
    text = formats.verification(name, run, PAGE)
    assert re.findall(r"session_token=[\w-]{16,}", text) == []
    assert re.findall(r'"password": ?"[^<]', text) == []


@pytest.mark.parametrize("name", formats.names("verifications"))
def test_format_is_not_written_on_by_the_server(run: Verification, name: str) -> None:
    strange = "\x1b[2J<script>alert(1)</script>]]>|`\u202e\ud800"
    dirty = tuple(
        replace(it, reason=strange, evidence=tuple(replace(e, body=strange) for e in it.evidence)) for it in run.results
    )
    text = formats.verification(name, replace(run, results=dirty), PAGE)
    assert "\x1b" not in text
    text.encode("utf-8", "strict" if name != "text" else "surrogatepass")
    if name in ("html", "markdown"):
        assert "<script>alert" not in text.replace("```", "") or name == "markdown"
    if name == "junit":
        ElementTree.fromstring(text)


def test_command_leaves_the_result_in_the_summary_of_a_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("# Earlier step\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    app = todos(tmp_path)
    schema = options(app, tmp_path).openapi
    with at(app) as url:
        code = main(["verify", url, "--openapi", str(schema), "--select", "headers.sniffing", "--require", ""])
    assert code == 0, capsys.readouterr().out
    assert summary.read_text().startswith("# Earlier step\n# Verification of http")
