"""SQLModel's tables, as SQLAlchemy's Core takes them."""

from __future__ import annotations

from typing import Any, TypeAlias, cast

from sqlalchemy import Row, Table
from sqlmodel import SQLModel

# A row of a query; its columns answer by name.
Found: TypeAlias = Row[*tuple[Any, ...]]


def table_of(model: type[SQLModel]) -> Table:
    """The table of a model that has one."""
    return cast(Table, model.__table__)  # type: ignore[attr-defined]
