"""The name that CPython suggests in place of one that is not there.

Source: CPython 3.13, Python/suggestions.c (`_Py_CalculateSuggestions`, `levenshtein_distance`).
"""

from __future__ import annotations

from collections.abc import Sequence

_MOVE, _CASE = 2, 1
_LONGEST = 40  # characters of a name that are compared
_MOST = 750  # names that are looked through


def suggestion(name: str, candidates: Sequence[str]) -> str | None:
    """The nearest of the candidates, where it is near enough."""
    best, distance = None, 1 << 30
    for candidate in candidates if len(candidates) < _MOST else ():
        if candidate == name:
            continue
        most = min((len(name) + len(candidate) + 3) * _MOVE // 6, distance - 1)
        current = _levenshtein(name, candidate, most)
        if current <= most and current < distance:
            best, distance = candidate, current
    return best


def _cost(a: str, b: str) -> int:
    if a == b:
        return 0
    return _CASE if a.lower() == b.lower() else _MOVE


def _levenshtein(a: str, b: str, most: int) -> int:
    """The cost of making one of the other; anything above `most` where it is above."""
    while a and b and a[0] == b[0]:
        a, b = a[1:], b[1:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    if not a or not b:
        return _MOVE * (len(a) + len(b))
    if max(len(a), len(b)) > _LONGEST or abs(len(a) - len(b)) * _MOVE > most:
        return most + 1
    row = [_MOVE * (index + 1) for index in range(len(a))]
    for j, right in enumerate(b):
        diagonal = result = j * _MOVE
        for i, left in enumerate(a):
            substituted = diagonal + _cost(right, left)
            diagonal = row[i]
            result = row[i] = min(substituted, min(result, diagonal) + _MOVE)
        if min(row) > most:
            return most + 1
    return row[-1]
