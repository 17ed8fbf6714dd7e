"""Requirements files against pip's own parser, the one that every CPython brings along."""

from __future__ import annotations

import codecs
import ensurepip
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.project.manifest.requirements import development_group, read_requirements
from seatrial.project.manifest.values import Requirement
from tests.project.trees import make

LINES = [
    "fastapi",
    "fastapi==0.110.0",
    "  uvicorn[standard] >= 0.30  # the server",
    "# a comment",
    "#fastapi",
    "",
    "   ",
    "sqlmodel~=0.0.16 ; python_version >= '3.8'",
    "pydantic>=2,<3 # why # twice",
    "a==1#not-a-comment",
    "-e git+https://example.org/x.git@main#egg=x_pkg&subdirectory=backend",
    "--editable=./libs/shared",
    "git+https://example.org/y.git#egg=y",
    "demo @ https://example.org/demo-1.0.zip",
    "https://example.org/demo-1.0.zip",
    "--index-url https://example.org/simple",
    "-i https://example.org/simple",
    "--extra-index-url=https://example.org/simple",
    "--pre",
    "--no-binary :all:",
    "alembic==1.14.0 \\\n    --hash=sha256:1385 \\\n    --hash=sha256:1e63",
    "anyio>=4,\\\n<5",
    "\\",
    "# a comment that ends so \\",
    'httpx == 0.27 --config-settings="a=b"',
    "-r more.txt",
    "--requirement sub/other.txt",
    "-rmore.txt",
    "-c bounds.txt",
    "--constraint=bounds.txt",
]
INCLUDED = {"more.txt": "jinja2==3.1\n", "sub/other.txt": "-c ../bounds.txt\nmako>1\n", "bounds.txt": "click<9\n"}


def ask_pip(files: list[Path]) -> list[object]:
    wheels = sorted((Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"))
    if not wheels:
        pytest.skip("this interpreter brings no pip of its own")
    command = [sys.executable, str(Path(__file__).parent / "pip_reading.py"), *map(str, files)]
    env = {**os.environ, "PYTHONPATH": str(wheels[-1]), "PIP_CONFIG_FILE": os.devnull}
    run = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    answers: list[object] = json.loads(run.stdout)
    return answers


def as_pip_has_it(found: Requirement, *, constraint: bool) -> tuple[str, bool, bool]:
    text = re.sub(r"^(-e|--editable)[ =]*", "", found.written) if found.editable else found.written
    return re.sub(r"\s+--hash.*|\s", "", text), found.editable, constraint


def test_reads_what_pip_reads(tmp_path: Path) -> None:
    choice = random.Random(7)
    paths = []
    for index in range(400):
        lines = choice.choices(LINES, k=choice.randint(1, 9))
        newline = choice.choice(["\n", "\n", "\r\n"])
        files = {f"{index}/{name}": text for name, text in INCLUDED.items()}
        make(tmp_path, {f"{index}/requirements.txt": newline.join("\n".join(lines).split("\n")), **files})
        paths.append(tmp_path / str(index) / "requirements.txt")
    compared = 0
    for path, answer in zip(paths, ask_pip(paths), strict=True):
        if not isinstance(answer, list):
            continue  # a hash or an option where pip wants none: it refuses the file, we read the rest
        compared += 1
        document = read_requirements(path.parent, path.name)
        ours = [as_pip_has_it(found, constraint=False) for found in document.requirements]
        ours += [as_pip_has_it(found, constraint=True) for found in document.constraints]
        theirs = [(re.sub(r"\s", "", text), editable, constraint) for text, editable, constraint in answer]
        # what neither is a requirement for `packaging` is a problem here, and later an error of pip's
        refused = [re.sub(r"^['\"]|['\"]: [A-Z].*|\s", "", problem.message) for problem in document.problems]
        theirs = [found for found in theirs if found[0] not in refused]
        assert sorted(ours) == sorted(theirs), path.read_text()
    assert compared > 150


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF8, "utf-8"),
        (b"# coding: cp1252\r\n", "cp1252"),
    ],
)
def test_reads_the_encodings_that_pip_reads(tmp_path: Path, mark: bytes, encoding: str) -> None:
    """PowerShell's `pip freeze > requirements.txt` writes UTF-16."""
    text = "fastapi==0.110.0\r\n# café\r\nuvicorn==0.30.0\r\n"
    path = make(tmp_path, {"requirements.txt": mark + text.encode(encoding)}) / "requirements.txt"
    document = read_requirements(tmp_path, "requirements.txt")
    assert [found.name for found in document.requirements] == ["fastapi", "uvicorn"]
    assert (document.encoding, document.problems) == (encoding, ())
    assert ask_pip([path]) == [[["fastapi==0.110.0", False, False], ["uvicorn==0.30.0", False, False]]]


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("fastapi==1\r\n".encode("utf-16-le"), "UTF-16 without a byte order mark"),
        (b"x==1 # caf\xe9\n", "cannot be decoded"),
    ],
)
def test_says_what_pip_cannot_decode_and_reads_it_all_the_same(tmp_path: Path, raw: bytes, said: str) -> None:
    make(tmp_path, {"requirements.txt": raw})
    document = read_requirements(tmp_path, "requirements.txt")
    assert [problem.kind for problem in document.problems] == ["unreadable"]
    assert said in document.problems[0].message
    assert len(document.requirements) == 1


def test_knows_the_place_of_each_entry(tmp_path: Path) -> None:
    text = "# top\n\n  fastapi>=0.110  # why\nanyio>=4,\\\n  <5   \n-r sub/more.txt\n"
    make(tmp_path, {"requirements.txt": text, "sub/more.txt": "\nhttpx\n"})
    places = {found.name: found.location for found in read_requirements(tmp_path, "requirements.txt").requirements}
    assert (places["fastapi"].line, places["fastapi"].column, places["fastapi"].end_column) == (3, 3, 17)
    assert (places["anyio"].line, places["anyio"].end_line, places["anyio"].end_column) == (4, 5, 5)
    assert (places["httpx"].path, places["httpx"].line) == ("sub/more.txt", 2)


def test_a_circle_of_includes_ends_and_is_said(tmp_path: Path) -> None:
    make(tmp_path, {"a.txt": "-r b.txt\nfastapi\n", "b.txt": "uvicorn\n-r a.txt\n-r b.txt\n"})
    document = read_requirements(tmp_path, "a.txt")
    assert sorted(found.name for found in document.requirements) == ["fastapi", "uvicorn"]
    assert [(problem.message, problem.location.path) for problem in document.problems] == [
        ("includes itself: a.txt -> b.txt -> a.txt", "b.txt"),
        ("includes itself: b.txt -> b.txt", "b.txt"),
    ]


def test_includes_that_cannot_be_had_are_said(tmp_path: Path) -> None:
    lines = ["-r nowhere.txt", "-r https://example.org/r.txt", "-r /etc/hostname", "-r ../../../../../../x.txt"]
    make(tmp_path, {"requirements.txt": "\n".join(lines)})
    problems = read_requirements(tmp_path, "requirements.txt").problems
    assert [problem.message.partition(" ")[2] for problem in problems] == [
        "does not exist",
        "is not read: it lies on the network",
        "is not read: it lies outside the project",
        "is not read: it lies outside the project",
    ]
    assert [problem.location.line for problem in problems] == [1, 2, 3, 4]


def test_an_entry_that_is_none_is_a_problem_with_its_line(tmp_path: Path) -> None:
    make(tmp_path, {"requirements.txt": "fastapi=0.110\nuvicorn\n<<<<<<< HEAD\n"})
    document = read_requirements(tmp_path, "requirements.txt")
    assert [found.name for found in document.requirements] == ["uvicorn"]
    assert [problem.location.line for problem in document.problems] == [1, 3]


def test_a_pinned_file_is_compiled_and_hashes_are_kept(tmp_path: Path) -> None:
    make(tmp_path, {"requirements.txt": "a==1 --hash=sha256:ab --hash=sha256:cd\nb==2\n", "loose.txt": "a==1\nb\n"})
    document = read_requirements(tmp_path, "requirements.txt")
    assert document.compiled and document.requirements[0].hashes == ("sha256:ab", "sha256:cd")
    assert not read_requirements(tmp_path, "loose.txt").compiled


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("requirements.txt", None),
        ("requirements-dev.txt", "dev"),
        ("dev-requirements.txt", "dev"),
        ("requirements/test.txt", "test"),
        ("requirements/prod.txt", None),
        ("requirements_railway.txt", None),
        ("latest/requirements.txt", None),
    ],
)
def test_tells_development_files_by_name(path: str, group: str | None) -> None:
    assert development_group(path) == group
