"""Brings the tables to the newest form, by Alembic."""

from __future__ import annotations

from pathlib import Path

from src.database.address import Address

ROOT = Path(__file__).parents[2]


def migrate(address: Address) -> None:
    """Upgrade to the newest migration. Several at once wait for one another."""
    # Production never comes here, and need not load it.
    from alembic import command
    from alembic.config import Config

    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["address"] = address
    command.upgrade(config, "head")
