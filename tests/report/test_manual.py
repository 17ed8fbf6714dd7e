"""Everything that a command prints under a code can be explained."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import seatrial
from seatrial.cli import main
from seatrial.report import manual
from seatrial.report.page import Page
from seatrial.report.requirements import REQUIREMENTS
from seatrial.rules.registry import all_rules
from seatrial.verification.registry import all_probes

SOURCE = Path(seatrial.__file__).parent
CODE = re.compile(r"[A-Z]{3,4}\d{3}")


def spelt() -> set[str]:
    """Every string in the source that looks like a code."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                found.add(node.value)
    return found


def test_every_code_of_the_source_is_explained() -> None:
    codes = spelt()
    assert {"IMP001", "BLD006", "BOOT001", "SUP001"} <= codes
    assert [code for code in sorted(codes) if manual.told(code, Page()) is None] == []


def test_every_rule_probe_fault_and_requirement_is_explained_by_each_of_its_names() -> None:
    names = [name for rule in all_rules() for name in (rule.code, rule.name)]
    names += [probe.id for probe in all_probes()]
    names += [name for fault in manual.all_faults() for name in (fault.code, fault.name)]
    names += list(REQUIREMENTS)
    told = {name: manual.told(name.lower(), Page()) for name in names}
    assert [name for name, text in told.items() if not text or name not in text] == []
    assert len(names) == len(set(names))


def test_faults_say_why_and_how_to_mend() -> None:
    codes = [fault.code for fault in manual.all_faults()]
    assert codes == sorted(codes) and len(codes) > 20
    for fault in manual.all_faults():
        assert fault.why.endswith(".") and fault.mend.endswith(".") and not fault.summary.endswith(".")


def test_requirement_names_who_looks_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "b6"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("B6 Build readiness\nits image and its compose stack build and run.\n")
    assert "BLD012 image-does-not-build" in printed


def test_other_names_are_refused_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "XYZ999"]) == 2
    assert capsys.readouterr().err.startswith("seatrial: nothing is called 'XYZ999'; ")
