"""One root cause is one issue: a driver that nobody chose is not also told of what it does not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.issue import Severity
from seatrial.options import AuditOptions
from seatrial.pipeline import audit
from seatrial.rules.database.missing_greenlet import RULE as GREENLET
from seatrial.rules.database.sync_driver import RULE
from tests.rules.reality import Installer, lay

ENGINE = 'create_async_engine(os.environ["DATABASE_URL"]'
FITTING = '{"server_settings": {"jit": "off"}, "statement_cache_size": 0}'


@pytest.mark.parametrize(("arguments", "codes"), [(FITTING, {"DB002"}), ('{"jits": 1}', {"DB002", "DB004"})])
def test_arguments_are_judged_by_the_driver_that_is_meant(tmp_path: Path, arguments: str, codes: set[str]) -> None:
    main = RULE.bad["main.py"].replace(ENGINE, f"{ENGINE}, connect_args={arguments}")
    made = audit(lay(tmp_path / "project", {**RULE.bad, "main.py": main}), AuditOptions(offline=True))
    stopping = [it.issue for it in made.entries if it.issue.severity in (Severity.BLOCKER, Severity.ERROR)]
    assert {issue.code for issue in stopping if issue.code.startswith("DB")} == codes


@pytest.fixture(scope="module")
def installer(tmp_path_factory: pytest.TempPathFactory) -> Installer:
    return Installer(tmp_path_factory.mktemp("environments"), constraints=("sqlalchemy<2.1",))


@pytest.mark.parametrize(
    ("declared", "said"),
    [("sqlalchemy>=2.0", True), ("sqlalchemy[asyncio]>=2.0", False), ("sqlalchemy<2.1", False), ("sqlalchemy", True)],
)
def test_greenlet_that_only_an_older_release_brings(
    declared: str, said: bool, tmp_path: Path, installer: Installer
) -> None:
    requirements = f"aiosqlite\nfastapi\n{declared}\nuvicorn\n"
    project = lay(tmp_path / "project", {**GREENLET.bad, "requirements.txt": requirements})
    environment = installer.environment(project)
    assert list(environment.glob("lib/*/site-packages/greenlet"))  # reality: it is there, whoever asked for it
    found = audit(project, AuditOptions(python=str(environment), offline=True, select=("DB005",))).entries
    assert [(it.issue.severity, it.issue.location.line) for it in found] == [(Severity.WARNING, 3)] * said
    assert all(f"+{declared.replace('sqlalchemy', 'sqlalchemy[asyncio]')}\n" in it.diff for it in found)
