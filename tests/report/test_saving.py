"""Files are written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.errors import UsageError
from seatrial.report.saving import save, write


def test_bytes_stay_as_they_are(tmp_path: Path) -> None:
    write(tmp_path / "fixes.patch", b"-a\r\n+\xff\n".decode("utf-8", "surrogateescape"))
    assert (tmp_path / "fixes.patch").read_bytes() == b"-a\r\n+\xff\n"
    assert [path.name for path in tmp_path.iterdir()] == ["fixes.patch"]


def test_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


@pytest.mark.parametrize("path", ["absent/fixes.patch", "file/fixes.patch", "."])
def test_what_cannot_be_written_is_said(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot write"):
        write(tmp_path / path, "text")
    assert [it.name for it in tmp_path.iterdir()] == ["file"]


def test_results_are_kept_for_the_report(tmp_path: Path) -> None:
    assert save(tmp_path, "audit", "{}\n") == tmp_path / ".seatrial" / "audit.json"
    assert (tmp_path / ".seatrial" / "audit.json").read_text() == "{}\n"
    save(tmp_path, "audit", "[]\n")
    assert (tmp_path / ".seatrial" / "audit.json").read_text() == "[]\n"
