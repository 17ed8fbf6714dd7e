"""Rules are found by walking, each known by one code."""

from __future__ import annotations

from pathlib import Path

import pytest

import seatrial.rules
from seatrial.errors import UsageError
from seatrial.rules.judge import check_codes, selected
from seatrial.rules.registry import all_rules, find_rule


def test_every_rule_file_is_found() -> None:
    root = Path(seatrial.rules.__path__[0])
    files = {path.stem for path in root.glob("*/*.py") if "RULE = Rule(" in path.read_text(encoding="utf-8")}
    assert len(all_rules()) == len(files)


def test_codes_are_sorted_and_single() -> None:
    codes = [rule.code for rule in all_rules()]
    assert codes == sorted(set(codes))


def test_a_rule_is_named_by_code_or_name_in_any_case() -> None:
    for rule in all_rules():
        assert find_rule(rule.code.lower()) is rule
        assert find_rule(rule.name.upper()) is rule
    assert find_rule("IMP") is None


def test_select_and_ignore_take_codes_and_their_beginnings() -> None:
    codes = tuple(rule.code for rule in all_rules())
    imports = selected(codes, ["imp"], ["IMP001"])
    assert {code[:3] for code in imports} == {"IMP"}
    assert "IMP001" not in imports
    assert selected(codes, [], []) == codes


def test_a_code_that_no_rule_has_is_said() -> None:
    check_codes(["imp", "IMP001"], ["IMP001", "DEP001"])
    with pytest.raises(UsageError, match="no rule has the code 'IMPP'"):
        check_codes(["imp", "IMPP"], ["IMP001", "DEP001"])
