"""`match`: whether a pattern fits a value, binding names on the way."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from seatrial.libraries.values import ABSENT, Unknown, Value
from seatrial.simulation.language.names import assign
from seatrial.simulation.language.operators import compare
from seatrial.simulation.timeline import RaisedByCode

if TYPE_CHECKING:
    from seatrial.simulation.simulator import Simulator


def fits(sim: Simulator, pattern: ast.pattern, subject: Value) -> bool | None:
    """Whether the pattern fits; None where that cannot be known."""
    if isinstance(pattern, ast.MatchAs):
        matched = True if pattern.pattern is None else fits(sim, pattern.pattern, subject)
        if matched and pattern.name is not None:
            assign(sim, pattern.name, subject)
        return matched
    if isinstance(subject, Unknown):
        return None
    if isinstance(pattern, ast.MatchValue):
        return sim.maybe_truth(compare(sim, ast.Eq(), subject, sim.player.evaluate(pattern.value)))
    if isinstance(pattern, ast.MatchSingleton):
        return subject is pattern.value
    if isinstance(pattern, ast.MatchOr):
        return _any(sim, pattern.patterns, subject)
    if isinstance(pattern, ast.MatchSequence):
        return _sequence(sim, pattern.patterns, subject)
    if isinstance(pattern, ast.MatchMapping):
        return _mapping(sim, pattern, subject)
    if isinstance(pattern, ast.MatchClass):
        return _class(sim, pattern, subject)
    return None


def _any(sim: Simulator, patterns: list[ast.pattern], subject: Value) -> bool | None:
    for pattern in patterns:
        matched = fits(sim, pattern, subject)
        if matched is not False:
            return matched
    return False


def _all(sim: Simulator, pairs: list[tuple[ast.pattern, Value]]) -> bool | None:
    for pattern, subject in pairs:
        matched = fits(sim, pattern, subject)
        if not matched:
            return matched
    return True


def _sequence(sim: Simulator, patterns: list[ast.pattern], subject: Value) -> bool | None:
    if not isinstance(subject, list | tuple | range):
        return False
    items = list(subject)
    star = next((i for i, p in enumerate(patterns) if isinstance(p, ast.MatchStar)), None)
    if star is None:
        return _all(sim, list(zip(patterns, items, strict=True))) if len(items) == len(patterns) else False
    after = len(patterns) - star - 1
    if len(items) < star + after:
        return False
    starred = patterns[star]
    if isinstance(starred, ast.MatchStar) and starred.name is not None:
        assign(sim, starred.name, items[star : len(items) - after])
    ends = list(zip(patterns[:star], items[:star], strict=True))
    ends += list(zip(patterns[star + 1 :], items[len(items) - after :], strict=True)) if after else []
    return _all(sim, ends)


def _mapping(sim: Simulator, pattern: ast.MatchMapping, subject: Value) -> bool | None:
    if not isinstance(subject, dict):
        return False
    keys = [sim.player.evaluate(key) for key in pattern.keys]
    if any(isinstance(key, Unknown) for key in keys):
        return None
    if any(key not in subject for key in keys):
        return False
    matched = _all(sim, [(p, subject[key]) for p, key in zip(pattern.patterns, keys, strict=True)])
    if matched and pattern.rest is not None:
        assign(sim, pattern.rest, {key: item for key, item in subject.items() if key not in keys})
    return matched


def _class(sim: Simulator, pattern: ast.MatchClass, subject: Value) -> bool | None:
    kind = sim.player.evaluate(pattern.cls)
    inside = sim.is_instance(subject, kind)
    if not inside:
        return inside
    pairs: list[tuple[ast.pattern, Value]] = []
    if pattern.patterns:
        if isinstance(kind, type):
            pairs.append((pattern.patterns[0], subject))
        else:
            listed = sim.get(kind, "__match_args__")
            if not isinstance(listed, tuple):
                return None
            if len(pattern.patterns) > len(listed):
                many = "s" if len(listed) != 1 else ""
                text = (
                    f"{sim.get(kind, '__name__')}() accepts {len(listed)} positional sub-pattern{many} "
                    f"({len(pattern.patterns)} given)"
                )
                sim.player.frame.line = pattern.lineno
                sim.player.fail(TypeError(text), RaisedByCode("operator"))
                return None
            pairs += [(p, sim.get(subject, name)) for p, name in zip(pattern.patterns, listed, strict=False)]
    pairs += [(p, sim.get(subject, name)) for name, p in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True)]
    if any(value is ABSENT for _, value in pairs):
        return False
    return _all(sim, pairs)
