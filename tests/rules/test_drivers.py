"""One root cause is one issue: a driver that nobody chose is not also told of what it does not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.issue import Severity
from seatrial.options import AuditOptions
from seatrial.pipeline import audit
from seatrial.rules.database.sync_driver import RULE
from tests.rules.reality import lay

ENGINE = 'create_async_engine(os.environ["DATABASE_URL"]'
FITTING = '{"server_settings": {"jit": "off"}, "statement_cache_size": 0}'


@pytest.mark.parametrize(("arguments", "codes"), [(FITTING, {"DB002"}), ('{"jits": 1}', {"DB002", "DB004"})])
def test_arguments_are_judged_by_the_driver_that_is_meant(tmp_path: Path, arguments: str, codes: set[str]) -> None:
    main = RULE.bad["main.py"].replace(ENGINE, f"{ENGINE}, connect_args={arguments}")
    made = audit(lay(tmp_path / "project", {**RULE.bad, "main.py": main}), AuditOptions(offline=True))
    stopping = [it.issue for it in made.entries if it.issue.severity in (Severity.BLOCKER, Severity.ERROR)]
    assert {issue.code for issue in stopping if issue.code.startswith("DB")} == codes
