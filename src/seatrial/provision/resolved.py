"""The answer to a resolution, as a value that can be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seatrial.provision.problems import InstallProblem, problem_from, problem_to


@dataclass(frozen=True, slots=True)
class Resolved:
    """`pins` name -> version of all that is needed; `problems` what was in the way; `absent` what had to stay out.

    `sources` are releases that exist as source only: name -> the folder with the wheel made of it; of those in
    `unbuilt`, compiled parts are missing. `unreachable`: the index did not answer; `pins` are none, or of another day.
    """

    pins: Mapping[str, str]
    problems: tuple[InstallProblem, ...] = ()
    absent: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    unbuilt: Mapping[str, str] = field(default_factory=dict)
    unreachable: bool = False


def stored(resolved: Resolved) -> dict[str, Any]:
    """As JSON, for the cache."""
    problems = [problem_to(problem) for problem in resolved.problems]
    return {
        "pins": dict(resolved.pins),
        "problems": problems,
        "absent": dict(resolved.absent),
        "sources": dict(resolved.sources),
        "unbuilt": dict(resolved.unbuilt),
    }


def restored(record: Mapping[str, Any] | None) -> Resolved | None:
    """From JSON; None where there is none, or none that can be used any more."""
    try:
        if record is None:
            return None
        problems = tuple(problem_from(problem) for problem in record["problems"])
        pins, absent, sources, unbuilt = (dict(record[name]) for name in ("pins", "absent", "sources", "unbuilt"))
        made = Resolved(pins, problems, absent, sources, unbuilt)
    except (KeyError, TypeError, ValueError):
        return None
    # A source that was cleared away is fetched again.
    return made if all(Path(folder).is_dir() for folder in made.sources.values()) else None
