"""Which names are those of secrets, of a nested name its own part; and a history that cannot be searched for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.fixes import apply
from seatrial.options import AuditOptions
from seatrial.pipeline import audit
from seatrial.project.settings_facts import Kind
from seatrial.project.settings_values import kind_by_name
from seatrial.rules.secrets import is_signing


@pytest.mark.parametrize(
    "name",
    ["AUTH_SERVICE__RUN__HOST", "AUTH_SERVICE__API__V1__AUTH", "SECRET_SERVICE__RUN__HOST", "JWT_TOKEN__DB__ECHO"],
)
def test_a_prefix_makes_no_secret(name: str) -> None:
    assert not is_signing(name)
    assert kind_by_name(name) is not Kind.SECRET


@pytest.mark.parametrize(
    "name", ["AUTH_SERVICE__SECRET_KEY", "APP__JWT__SECRET", "APP__JWT__KEY", "JWT_SECRET", "__JWT_KEY"]
)
def test_the_own_part_does(name: str) -> None:
    assert is_signing(name)
    assert kind_by_name(name) is Kind.SECRET


@pytest.mark.parametrize(("select", "said"), [((), True), (("SEC005",), True), (("DB",), False)])
def test_a_history_that_cannot_be_read_is_not_analysed(select: tuple[str, ...], said: bool, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("from fastapi import FastAPI\n\napp = FastAPI()\n")
    (tmp_path / ".git").mkdir()  # and nothing in it
    found = audit(tmp_path, AuditOptions(offline=True, select=select)).not_analysed
    assert [it.path for it in found] == [".git"] * said
    assert all(it.reason.startswith("the history was not searched for secrets: ") for it in found)


def test_a_fix_imports_no_module_twice(tmp_path: Path) -> None:
    key = 'os.getenv("SECRET_KEY", "fallback-secret-key")'
    code = f"from fastapi import FastAPI\nimport os\n\nSECRET_KEY = {key}\napp = FastAPI()\n"
    (tmp_path / "main.py").write_text(code)
    (found,) = (it.issue for it in audit(tmp_path, AuditOptions(offline=True, select=("SEC002",))).entries)
    assert found.fix is not None
    changed = apply({"main.py": code.encode()}, [found.fix])["main.py"]
    assert changed == code.replace(key, 'os.environ["SECRET_KEY"]').encode()
