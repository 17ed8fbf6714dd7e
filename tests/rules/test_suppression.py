"""Comments that silence one issue, and severities that a project sets for itself."""

from __future__ import annotations

import pytest

from seatrial.issue import Issue, Location, Severity, Stage
from seatrial.rules.suppression import IDLE, apply_suppressions, override_severities, suppressions


def issue(code: str, line: int, severity: Severity = Severity.BLOCKER) -> Issue:
    return Issue(code, "name", "imports", severity, Stage.IMPORT, Location("a.py", line), "It is wrong.", "Because.")


def left(text: str, *found: Issue) -> list[tuple[str, int]]:
    kept = apply_suppressions(found, suppressions("a.py", text))
    return [(it.code, it.location.line) for it in kept]


def test_a_comment_with_code_and_reason_silences_its_line() -> None:
    text = "import a  # seatrial: ignore[IMP001] the plugin is added by the host\nimport b\n"
    assert left(text, issue("IMP001", 1), issue("IMP001", 2)) == [("IMP001", 2)]


def test_several_codes_and_any_case() -> None:
    text = "import a  # seatrial: ignore[imp001, DEP001]: on purpose\n"
    assert left(text, issue("IMP001", 1), issue("DEP001", 1), issue("IMP002", 1)) == [("IMP002", 1)]


@pytest.mark.parametrize(
    "comment",
    ["# seatrial: ignore[IMP001]", "# seatrial: ignore because", "# seatrial: ignore[] because"],
)
def test_without_code_or_reason_nothing_is_silenced_and_it_is_said(comment: str) -> None:
    assert left(f"import a  {comment}\n", issue("IMP001", 1)) == [("IMP001", 1), (IDLE.code, 1)]


def test_an_idle_comment_is_a_note() -> None:
    text = "import a  # seatrial: ignore[IMP001] no longer needed\n"
    (note,) = apply_suppressions([], suppressions("a.py", text))
    assert (note.code, note.severity, note.location) == (IDLE.code, Severity.NOTE, Location("a.py", 1, 11))


def test_strings_are_no_comments() -> None:
    assert suppressions("a.py", 'x = "# seatrial: ignore[IMP001] reason"\n') == ()


def test_files_that_are_not_python_and_broken_ones_have_comments_too() -> None:
    line = "jwt  # seatrial: ignore[DEP001] vendored\n"
    assert len(suppressions("requirements.txt", line)) == 1
    assert len(suppressions("a.py", "def (:\n" + line)) == 1


def test_severities_are_overridden_by_code() -> None:
    found = [issue("IMP001", 1), issue("IMP002", 2), issue("DEP001", 3)]
    changed = override_severities(found, {"IMP001": Severity.NOTE, "DEP001": None})
    assert [(it.code, it.severity) for it in changed] == [("IMP001", Severity.NOTE), ("IMP002", Severity.BLOCKER)]


def test_a_comment_for_what_was_not_looked_for_is_not_idle() -> None:
    found = suppressions("a.py", "import a  # seatrial: ignore[IMP001] the host adds it\n")
    assert apply_suppressions([], found, {"DEP001", IDLE.code}) == ()
    assert apply_suppressions([], found, {"IMP001"}) == ()
    assert len(apply_suppressions([], found, {"IMP001", IDLE.code})) == 1
