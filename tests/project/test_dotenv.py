"""Dotenv files as python-dotenv, python-decouple and Starlette read them: held against the libraries themselves."""

from __future__ import annotations

import random
from typing import Any

from seatrial.project import dotenv
from tests.project.tools import run_python

PIECES = [
    "A=1",
    "B = two words",
    "export C=3",
    "  D=  4  ",
    "E='single # no'",
    'F="double # no"',
    "G=plain # comment",
    "H=a#b",
    "I=",
    "J",
    'K=""',
    "L=''",
    "# M=1",
    "",
    "N=${A}",
    "O=${A}-${MISSING:-default}",
    "P=$A",
    "Q='${A}'",
    'R="a\\nb"',
    'S="multi\nline"',
    "T='it\\'s'",
    "U=postgresql://u:p@h:5432/d?x=1&y=2",
    'V=["a","b"]',
    "W=a=b=c",
    "X=é",
    "=novalue",
    "A=again",
    "export",
    "Y : no",
    "lower=case",
    "Z='open",
    "1=2",
    "AA='a' # beside",
    'BB="b" trailing',
    "CC=\\n",
    "D-D=5",
]
REAL = """
import io, tempfile, os
from dotenv import dotenv_values
from decouple import RepositoryEnv
from starlette.config import Config
out = []
for text in order:
    with tempfile.NamedTemporaryFile("w", suffix=".env", delete=False, encoding="utf-8") as file:
        file.write(text)
    out.append([dict(dotenv_values(stream=io.StringIO(text))), RepositoryEnv(file.name, "utf-8").data,
                Config(file.name, encoding="utf-8").file_values])
    os.unlink(file.name)
print(json.dumps(out))
"""


def texts() -> list[str]:
    chance = random.Random(20261121)
    made = ["\n".join(chance.choices(PIECES, k=chance.randint(1, 6))) for _ in range(600)]
    return [*PIECES, *made, *(text + "\n" for text in made[:50])]


def test_values_are_those_of_the_libraries() -> None:
    wanted: list[list[dict[str, Any]]] = run_python(REAL, texts())
    for text, (plain, decouple, starlette) in zip(texts(), wanted, strict=True):
        assert dotenv.values(text, override=True) == plain, text
        assert dotenv.decouple_values(text) == decouple, text
        assert dotenv.starlette_values(text) == starlette, text


def test_replacing_a_value_touches_nothing_else() -> None:
    text = "# head\nA='old' # why\nexport B=old # beside\nC=\n\nD=\"x\ny\"\nE\n"
    new = dotenv.rewritten(text, {"A": "a", "B": "b", "C": "c", "D": "d", "E": "e"})
    assert new == "# head\nA='a' # why\nexport B=b # beside\nC=c\n\nD=\"d\"\nE=e\n"


def test_bindings_know_their_line_and_comment() -> None:
    found = dotenv.parse("# one\n# two\nA=1\n\nB=2 # beside\nC='x\ny'\nD=3\n")
    assert [(item.name, item.line, item.comment) for item in found] == [
        ("A", 3, "one\ntwo"),
        ("B", 5, "beside"),
        ("C", 6, ""),
        ("D", 8, ""),
    ]


def test_appending_begins_on_a_line_of_its_own() -> None:
    assert dotenv.appended("A=1", {"B": "2"}) == "A=1\nB=2\n"
    assert dotenv.appended("", {}) == ""
