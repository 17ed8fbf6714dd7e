"""`except*` (PEP 654): which part of an exception each handler takes, and what is raised in the end.

Source: `_PyEval_ExceptionGroupMatch` in Python/ceval.c, `_PyExc_PrepReraiseStar` in Objects/exceptions.c.
"""

from __future__ import annotations

from collections.abc import Callable

from seatrial.libraries.values import Value


def leaves(error: Value) -> list[Value]:
    """The exceptions in a group and the groups in it; the exception itself where it is no group."""
    if not isinstance(error, BaseExceptionGroup):
        return [error]
    return [leaf for part in error.exceptions for leaf in leaves(part)]


def split(error: Value, matches: Callable[[Value], bool]) -> tuple[Value, Value]:
    """(what a handler takes, what is left); None for nothing. A naked exception is taken as a group of one."""
    if not isinstance(error, BaseExceptionGroup):
        return (BaseExceptionGroup("", [error]), None) if matches(error) else (None, error)
    if matches(error):
        return error, None
    taken, left = error.split(lambda part: not isinstance(part, BaseExceptionGroup) and matches(part))
    return taken, left


def joined(original: Value, raised: list[Value], left: Value) -> Value:
    """What leaves the whole statement; None where everything was taken and no handler raised."""
    if not isinstance(original, BaseExceptionGroup):
        return raised[0] if raised else left
    again = [leaf for part in raised if _is_part(part, original) for leaf in leaves(part)]
    own = [part for part in raised if not _is_part(part, original)]
    rest = {id(leaf) for leaf in (*again, *(leaves(left) if left is not None else ()))}
    if rest:
        own.append(original.subgroup(lambda leaf: not isinstance(leaf, BaseExceptionGroup) and id(leaf) in rest))
    return None if not own else own[0] if len(own) == 1 else BaseExceptionGroup("", own)


def _is_part(part: Value, original: BaseExceptionGroup[BaseException]) -> bool:
    """Whether a handler has raised once more what it had taken."""
    if not isinstance(part, BaseExceptionGroup) or part.message != original.message:
        return False
    known = {id(leaf) for leaf in leaves(original)}
    return all(id(leaf) in known for leaf in leaves(part))
