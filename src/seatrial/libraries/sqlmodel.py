"""SQLModel: its metadata and sessions are SQLAlchemy's. Source: sqlmodel 0.0.50, `main.py`, `orm/session.py`."""

from __future__ import annotations

from seatrial.libraries.behaviour import Library
from seatrial.libraries.pydantic_models import made
from seatrial.libraries.sqlalchemy_connections import SQLMODEL_CALLS

LIBRARY = Library("sqlmodel", "sqlmodel", calls=SQLMODEL_CALLS, classes={"sqlmodel.SQLModel": made})
