"""A decision record of the backend: in its `history/adr/`, numbered after those that are there, written once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from seatrial.artifacts.paper import Draft, Manner
from seatrial.artifacts.survey import Survey

_FOLDER = "history/adr"
_TEXT = """\
# {number}. {title}

- Date: {today}
- Status: accepted

## Context

{context}

## Decision

{decision}

## Alternatives

{alternatives}

## Consequences

{consequences}

## Evidence

{evidence}
"""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision; `slug` is one of `SLUGS`."""

    slug: str
    title: str
    context: str
    decision: str
    alternatives: tuple[str, ...]
    consequences: str
    evidence: str


def record(survey: Survey, decision: Decision) -> Iterator[Draft]:
    """The record, unless there is one of its name."""
    number = _number(survey, decision)
    text = _TEXT.format(
        number=number,
        title=decision.title,
        today=survey.today,
        context=decision.context,
        decision=decision.decision,
        alternatives=_listed(decision.alternatives),
        consequences=decision.consequences,
        evidence=decision.evidence,
    )
    yield Draft(survey.path(f"{_FOLDER}/{number}-{decision.slug}.md"), text, Manner.ONCE)


def _number(survey: Survey, decision: Decision) -> str:
    known = list(_known(survey))
    present = next((number for number, slug in known if slug == decision.slug), None)
    if present is not None:
        return present
    # Those that come before it and are not there yet are written in the same run.
    there = {slug for _, slug in known} | set(_unwritten(survey))
    before = sum(slug not in there for slug in SLUGS[: SLUGS.index(decision.slug)])
    last = max((int(number) for number, _ in known), default=0)
    return f"{last + 1 + before:04d}"


SLUGS = (
    "bind-the-port-of-the-platform",
    "pool-connections-twice",  # on PostgreSQL alone
    "list-the-origins-of-the-front-end",
    "take-secrets-from-the-environment",
    "build-the-image-in-two-stages",
    "answer-for-ones-health",
)
"""The records that are written, in the order of their numbers."""


def _unwritten(survey: Survey) -> Iterator[str]:
    """What this backend has nothing to decide about."""
    if survey.data.engine != "postgresql":
        yield SLUGS[1]
    if not survey.image:
        yield SLUGS[4]


def _known(survey: Survey) -> Iterator[tuple[str, str]]:
    pattern = re.compile(re.escape(survey.path(_FOLDER)) + r"/(\d{4})-([\w.-]+)\.md")
    for path in survey.files:
        if match := pattern.fullmatch(path):
            yield match[1], match[2]


def _listed(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
