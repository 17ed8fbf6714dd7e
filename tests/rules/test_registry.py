"""Rules are found by walking, each known by one code."""

from __future__ import annotations

from pathlib import Path

import seatrial.rules
from seatrial.rules.judge import selected
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
    rules = all_rules()
    imports = selected(rules, ["imp"], ["IMP001"])
    assert {rule.category for rule in imports} == {"imports"}
    assert "IMP001" not in {rule.code for rule in imports}
    assert selected(rules, [], []) == rules
