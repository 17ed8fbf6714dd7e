"""A build as JSON: a document of schema `seatrial/build/1`. `report/contract.py` says what each field means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from seatrial.report.json import issue_document, measure_document, target_document, text
from seatrial.report.results import ranked

if TYPE_CHECKING:
    from seatrial.platforms.railpack import Choice
    from seatrial.proof.building.values import Rate, Step
    from seatrial.report import contract
    from seatrial.report.page import Page
    from seatrial.report.results import Build, Mended


def build(result: Build, _page: Page | None = None) -> str:
    """The whole document, ending in a newline."""
    document: contract.BuildDocument = {
        "schema": "seatrial/build/1",
        "backend": result.backend,
        "target": target_document(result.target) if result.target else None,
        "python": result.python,
        "platform": result.platform or None,
        "verdict": _mark(result.verdict),
        "stages": _stages(result.stages),
        "choices": [_choice(it) for it in result.choices],
        "issues": [issue_document(entry) for entry in ranked(result.entries)],
        "measures": [measure_document(measure) for measure in result.measures],
        "mended": _mended(result.mended) if result.mended else None,
        "rate": _rate(result.rate) if result.rate else None,
        "artefacts": dict(result.artefacts),
        "limits": {"memory": result.memory, "cpus": result.cpus},
        "duration_s": round(result.duration_s, 3),
    }
    return text(document)


def _mark(name: str) -> contract.MarkName:
    return "pass" if name == "pass" else "fail" if name == "fail" else "inconclusive"


def _stages(steps: Iterable[Step]) -> list[contract.BuildStageDocument]:
    return [
        {
            "name": step.name,
            "verdict": step.mark.value,
            "duration_s": round(step.seconds, 3),
            "evidence": list(step.evidence),
        }
        for step in steps
    ]


def _choice(choice: Choice) -> contract.ChoiceDocument:
    where = choice.location
    return {
        "subject": choice.subject,
        "value": choice.value,
        "rule": choice.rule,
        "source": choice.source,
        "path": where.path if where else None,
        "line": where.line if where else None,
    }


def _mended(mended: Mended) -> contract.MendedBuildDocument:
    return {
        "verdict": _mark(mended.verdict),
        "applied": list(mended.applied),
        "patch": mended.patch,
        "stages": _stages(mended.stages),
    }


def _rate(rate: Rate) -> contract.RateDocument:
    return {
        "attempts": rate.attempts,
        "built": rate.built,
        "served": rate.served,
        "seconds": [round(it, 3) for it in rate.seconds],
    }
