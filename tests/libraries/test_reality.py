"""What is predicted of small backends is what FastAPI, Starlette and pydantic really do with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from .reality import Release, lay
from .snippets import GROUPS, files, snippets

# How many backends of a group may differ, by release: the known gaps. A lower number is an improvement to write down.
GAPS: dict[tuple[str, str], int] = {
    ("recent", "inclusion"): 1,
    ("recent", "models"): 11,
    ("recent", "operations"): 1,
    ("recent", "responses"): 7,
    ("recent", "startup"): 6,
}


@pytest.mark.parametrize("group", GROUPS)
def test_the_prediction_is_what_happens(release: Release, group: str, tmp_path: Path) -> None:
    wrong = []
    for number, (name, text) in enumerate(snippets(group).items()):
        root = lay((tmp_path / str(number)).resolve(), files(text))
        seen, said = release.observe(root, "main:app").settled(), release.predict(root, "main:app").settled()
        if said != seen:
            wrong.append(f"{name}\n  really   {seen}\n  predicted {said}")
    assert len(wrong) <= GAPS.get((release.name, group), 0), "\n".join(wrong)
