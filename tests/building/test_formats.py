"""A build in each of its formats: as the stages end, so they are told; no text breaks out."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

import pytest

from seatrial.report import formats
from seatrial.report.page import Page
from seatrial.report.results import Build
from tests.building.conftest import MAIN, Builder

PAGE = Page(path="backend")


@pytest.fixture
def mended(build: Builder) -> Build:
    """A build that fails for a package that nobody declares, and passes with the fix; the file is named like markup."""
    return build({"main.py": f"import httpx  # <b>|`]]>\n{MAIN}"}, fix=True)


def test_every_format_tells_a_build_that_was_mended(mended: Build) -> None:
    told = {name: formats.build(name, mended, PAGE) for name in formats.names("builds")}
    assert told.keys() == {"text", "github", "json", "junit", "markdown"}
    for name, text in told.items():
        assert "DEP001" in text and "\x1b" not in text, name
    assert json.loads(told["json"])["verdict"] == "fail"
    assert told["github"].startswith("::error file=backend/main.py,line=1,")
    assert "| import | fail |" in told["markdown"] and "| import | pass |" in told["markdown"]
    assert "+httpx" in told["markdown"]
    first, second = ElementTree.fromstring(told["junit"])
    cases = {case.get("name"): case for case in first}
    assert len(cases) == int(first.get("tests", "0")) == len(mended.stages)
    assert (first.get("failures"), second.get("failures")) == ("1", "0")
    assert cases["import"][0].tag == "failure" and cases["import"][0].get("type") == "DEP001"
    assert cases["production"][0].tag == "skipped"
    assert cases["install"][0].tag == "system-out" and "pip install" in str(cases["install"][0].text)


def test_a_stage_that_cannot_be_judged_is_a_warning(build: Builder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")
    result = build({"Dockerfile": "FROM python:3.13-slim\nCMD uvicorn main:app\n"}, docker=True)
    lines = formats.build("github", result, PAGE).splitlines()
    assert any(line.startswith("::warning title=image%3A it cannot be judged here::") for line in lines)
    suite = ElementTree.fromstring(formats.build("junit", result, PAGE))[0]
    image = next(case for case in suite if case.get("name") == "image")
    assert image[0].tag == "skipped" and str(image[0].get("message")).startswith("inconclusive: ")
