"""The engines that the backend makes, by the name that a module binds each to."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.project.syntax.sites import last_name
from seatrial.rules.case import Case
from seatrial.rules.code import CodeFile

_MAKERS = ("create_async_engine", "create_engine")


@dataclass(frozen=True, slots=True)
class NamedEngine:
    """`name = create_engine(...)` at the top of a module."""

    file: CodeFile
    module: str
    name: str
    call: ast.Call

    @property
    def is_async(self) -> bool:
        """Whether it is an engine of SQLAlchemy's asyncio part."""
        return last_name(self.call.func) == "create_async_engine"


def named_engines(case: Case) -> Iterator[NamedEngine]:
    """Every engine that a module which the start loads binds to a name."""
    loaded = {module.path: module.name for module in case.timeline.loaded}
    for file in case.code.holding(*_MAKERS):
        if file.path not in loaded:
            continue
        for maker in _MAKERS:
            for call in file.sites.calls.get(maker, ()):
                statement = file.sites.parent_of(call)
                target = _target(statement) if statement in file.tree.body else None
                if target is not None:
                    yield NamedEngine(file, case.code.names.get(file.path, loaded[file.path]), target, call)


def _target(statement: ast.AST | None) -> str | None:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target: ast.expr = statement.targets[0]
    elif isinstance(statement, ast.AnnAssign):
        target = statement.target
    else:
        return None
    return target.id if isinstance(target, ast.Name) else None


def has_database(case: Case) -> bool:
    """Whether the start makes an engine or a pool of asyncpg's, wherever that is written."""
    return any(
        call.callee.rpartition(".")[2] in (*_MAKERS, "create_pool", "engine_from_config")
        for call in case.timeline.calls
        if call.callee.partition(".")[0] in ("sqlalchemy", "sqlmodel", "asyncpg")
    )
