"""What the rules cost, in counted steps: none of them walks files that hold nothing of what it looks for."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from seatrial.options import AuditOptions
from seatrial.progress import SILENT
from seatrial.project.files import scan
from seatrial.project.syntax import nodes, sites
from seatrial.rules.build import case_of
from seatrial.rules.registry import all_rules
from seatrial.simulation.gather import gather
from seatrial.simulation.plays import play_with_rest

FILES = 60
PLAIN = "".join(
    f"def step_{n}(value: int) -> int:\n    total = value + {n}\n    return total * 2\n\n\n" for n in range(40)
)
MAIN = "from fastapi import FastAPI\n\n" + "".join(f"import plain_{n}\n" for n in range(FILES)) + "\napp = FastAPI()\n"
NODES = sum(1 for _ in ast.walk(ast.parse(PLAIN))) * FILES


@pytest.fixture
def visits(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many nodes are handed out by `ast`'s ways of walking and by ours, by the file of the rule that asks."""
    counted: Counter[str] = Counter()

    def counting(real: Callable[[ast.AST], Iterable[ast.AST]]) -> Callable[[ast.AST], list[ast.AST]]:
        def children(node: ast.AST) -> list[ast.AST]:
            frame = sys._getframe(1)
            while frame.f_back is not None and "/rules/" not in frame.f_code.co_filename.replace("\\", "/"):
                frame = frame.f_back
            found = [*real(node)]
            counted[Path(frame.f_code.co_filename).stem] += len(found)
            return found

        return children

    monkeypatch.setattr(ast, "iter_child_nodes", counting(ast.iter_child_nodes))
    for module in (nodes, sites):
        monkeypatch.setattr(module, "children", counting(nodes.children))
    return counted


def test_all_rules_together_walk_a_plain_file_hardly_once(tmp_path: Path, visits: Counter[str]) -> None:
    for n in range(FILES):
        (tmp_path / f"plain_{n}.py").write_text(PLAIN)
    (tmp_path / "main.py").write_text(MAIN)
    (tmp_path / "Procfile").write_text("web: uvicorn main:app --port $PORT\n")
    facts = gather(scan(tmp_path), ".", AuditOptions(offline=True), SILENT)
    assert facts.scene is not None
    case = case_of(facts, play_with_rest(facts.scene))
    assert case is not None
    visits.clear()
    found: list[Any] = [finding for rule in all_rules() for finding in rule.check(case)]
    assert found
    assert sum(visits.values()) < 1.5 * NODES, visits.most_common(5)
