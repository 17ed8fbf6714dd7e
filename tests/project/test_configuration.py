"""`[tool.seatrial]`: whose file counts, what it can say, and what is said of a mistake in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.errors import UsageError
from seatrial.issue import Severity
from seatrial.project.configuration import Configuration, read_configuration
from seatrial.project.files import scan


def read(root: Path, text: str, path: str = "pyproject.toml", base: str = ".") -> Configuration:
    (root / base).mkdir(parents=True, exist_ok=True)
    (root / "main.py").touch()
    (root / path).write_text(text)
    return read_configuration(scan(root), base)


def test_every_setting(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        '[tool.seatrial]\nselect = ["IMP", "dep001"]\nignore = ["IMP003"]\nfail-level = "warning"\n'
        '[tool.seatrial.severity]\nimp001 = "note"\nSEC003 = "off"\n',
    )
    assert found == Configuration(
        "pyproject.toml",
        ("IMP", "dep001"),
        ("IMP003",),
        Severity.WARNING,
        (("IMP001", Severity.NOTE), ("SEC003", None)),
    )


def test_nothing_said_is_nothing_set(tmp_path: Path) -> None:
    assert read(tmp_path, "[tool.other]\n") == Configuration()
    assert read(tmp_path, "seatrial = [") == Configuration()  # no TOML: the rules have a word for that


def test_the_nearest_file_that_speaks_counts(tmp_path: Path) -> None:
    above = '[tool.seatrial]\nignore = ["IMP"]\n'
    assert read(tmp_path, above, base="services/api").ignore == ("IMP",)
    own = '[tool.seatrial]\nignore = ["DEP"]\n'
    found = read(tmp_path, own, "services/api/pyproject.toml", "services/api")
    assert (found.path, found.ignore) == ("services/api/pyproject.toml", ("DEP",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool]\nseatrial = 3", "tool.seatrial is no table"),
        ("[tool.seatrial]\nselekt = []", "has no setting 'selekt'; it has select, ignore, fail-level, severity"),
        ('[tool.seatrial]\nselect = "IMP"', "select is no list of rule codes"),
        ("[tool.seatrial]\nignore = [1]", "ignore is no list of rule codes"),
        ('[tool.seatrial]\nfail-level = "fatal"', "fail-level is 'fatal'; use one of blocker, error, warning, note"),
        ("[tool.seatrial]\nfail-level = []", "fail-level is []"),
        ("[tool.seatrial]\nseverity = 1", "severity is no table"),
        ("[tool.seatrial.severity]\nIMP001 = 1", "IMP001 is 1; use one of blocker, error, warning, note, off"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_file(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith("pyproject.toml: ")
    assert said in str(caught.value)
