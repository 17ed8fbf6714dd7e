"""Whatever stands in a folder: a clear sentence, no traceback, nothing changed, and an end in bounded time."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
PROCFILE = "web: uvicorn main:app\n"
APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"


Audit = Callable[[Path], subprocess.CompletedProcess[str]]


@pytest.fixture
def unhashed(backend_python: str) -> Audit:
    """Audit a folder that may change meanwhile."""

    def run(folder: Path) -> subprocess.CompletedProcess[str]:
        options = ("--python", backend_python, "--offline", "--format", "json")
        return subprocess.run(
            [sys.executable, "-m", "seatrial", "audit", str(folder), *options],
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


@pytest.fixture
def audit(unhashed: Audit) -> Audit:
    """Audit, and hold it to what holds for every input."""

    def run(folder: Path) -> subprocess.CompletedProcess[str]:
        before = digest(folder)
        done = unhashed(folder)
        hold(done)
        assert digest(folder) == before
        return done

    return run


def hold(done: subprocess.CompletedProcess[str]) -> None:
    assert "Traceback" not in done.stderr
    assert "mistake of its own" not in done.stderr
    assert done.returncode in (0, 1, 2)
    if done.returncode == 2:
        assert done.stdout == ""
        assert done.stderr.startswith("seatrial: ")
        assert done.stderr.count("\n") == 1


def digest(folder: Path) -> str:
    """One hash of every name, mode and byte below a folder."""
    found = hashlib.sha256()
    for top, folders, files in os.walk(os.fsencode(folder)):
        folders.sort()
        for name in sorted(files) + folders:
            path = os.path.join(top, name)
            found.update(path + oct(os.lstat(path).st_mode).encode())
            if os.path.islink(path):
                found.update(os.readlink(path))
            elif os.path.isfile(path):
                found.update(Path(os.fsdecode(path)).read_bytes())
    return found.hexdigest()


def backend(folder: Path, main: bytes | str = APP) -> None:
    (folder / "Procfile").write_text(PROCFILE)
    (folder / "requirements.txt").write_text("uvicorn\n")
    (folder / "main.py").write_bytes(main if isinstance(main, bytes) else main.encode())


def test_healthy_backend_is_clean(tmp_path: Path, audit: Audit) -> None:
    backend(tmp_path)
    done = audit(tmp_path)
    assert done.returncode == 0
    assert json.loads(done.stdout)["boot"]["predicted"]["outcome"] == "serves"


def a_file(folder: Path) -> Path:
    (folder / "file").write_text("")
    return folder / "file"


def absent(folder: Path) -> Path:
    return folder / "absent"


def empty(folder: Path) -> Path:
    return folder


def no_backend(folder: Path) -> Path:
    (folder / "README.md").write_text("# Nothing here\n")
    (folder / "index.html").write_text("<p>")
    return folder


@pytest.mark.parametrize("make", [a_file, absent, empty, no_backend])
def test_what_is_no_backend_is_refused(make: Callable[[Path], Path], tmp_path: Path, audit: Audit) -> None:
    assert audit(make(tmp_path)).returncode == 2


# What CPython starts without a word has to be clean.
STARTS: dict[str, bytes | str] = {
    "byte order mark": b"\xef\xbb\xbf" + APP.encode(),
    "windows line ends": APP.replace("\n", "\r\n"),
    "old mac line ends": APP.replace("\n", "\r"),
    "no final newline": APP.rstrip("\n"),
    "declared encoding": b"# -*- coding: latin-1 -*-\nNAME = '\xe9'\n" + APP.encode(),
    "form feed": "\f\n" + APP,
    "a line of 100,000 characters": f"NAME = '{'x' * 100_000}'\n{APP}",
}

# What CPython refuses has to be a blocker at its place, never a crash.
REFUSED: dict[str, bytes | str] = {
    "undecodable bytes": b"NAME = '\xff\xfe'\n" + APP.encode(),
    "unknown encoding": b"# -*- coding: klingon -*-\n" + APP.encode(),
    "nul": b"NAME = 1\x00\n" + APP.encode(),
    "mixed tabs": "if True:\n        x = 1\n\ty = 2\n" + APP,
    "conflict markers": "<<<<<<< ours\nNAME = 1\n=======\nNAME = 2\n>>>>>>> theirs\n" + APP,
    "unclosed": "NAME = (\n" + APP,
}

# Where CPython itself may differ from one version and build to the next, only the manners are asked for.
ODD: dict[str, bytes | str] = {
    "nested lists": "NAME = " + "[" * 10_000 + "]" * 10_000 + "\n" + APP,
    "nested calls": "NAME = " + "f(" * 10_000 + ")" * 10_000 + "\n" + APP,
    "long chain": "NAME = " + " + ".join(["1"] * 10_000) + "\n" + APP,
    "nested blocks": "".join("  " * depth + "if 1:\n" for depth in range(90)) + "  " * 90 + "pass\n" + APP,
    "20 megabytes": ("NAMES = [\n" + "    'a name that is as good as any other',\n" * 470_000 + "]\n" + APP),
    "only a byte order mark": b"\xef\xbb\xbf",
    "empty": b"",
    "surrogates": "NAME = '\\ud800'\nprint(NAME)\n" + APP,
}


@pytest.mark.parametrize("text", STARTS.values(), ids=STARTS)
def test_odd_but_right_files_are_clean(text: bytes | str, tmp_path: Path, audit: Audit) -> None:
    backend(tmp_path, text)
    done = audit(tmp_path)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_refused_files_are_blockers(text: bytes | str, tmp_path: Path, audit: Audit) -> None:
    backend(tmp_path, text)
    document = json.loads(audit(tmp_path).stdout)
    assert document["boot"]["predicted"]["outcome"] == "fails"
    assert document["issues"][0]["severity"] == "blocker"
    assert document["issues"][0]["path"] == "main.py"


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_absurd_files_are_survived(text: bytes | str, tmp_path: Path, audit: Audit) -> None:
    backend(tmp_path, text)
    audit(tmp_path)


def link_to_itself(folder: Path) -> None:
    (folder / "loop").symlink_to("loop")
    (folder / "up").symlink_to(".")
    (folder / "loop.py").symlink_to("loop.py")


def dangling_link(folder: Path) -> None:
    (folder / "settings.py").symlink_to("gone.py")
    (folder / "requirements-dev.txt").symlink_to("/nowhere/requirements.txt")


def pipes(folder: Path) -> None:
    for name in ("settings.py", ".env", "pyproject.toml", "Dockerfile"):
        os.mkfifo(folder / name)


def folders_for_files(folder: Path) -> None:
    for name in ("settings.py", ".env", "pyproject.toml", "Dockerfile", "README.md", "docker-compose.yml"):
        (folder / name).mkdir()


def undecodable_names(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.py")).write_text("x = 1\n")
    (folder / "line\nbreak.py").write_text("x = (\n")
    (folder / "\x1b[2Jscreen.py").write_text("x = (\n")


def broken_papers(folder: Path) -> None:
    for name in (
        "pyproject.toml",
        "Pipfile",
        "uv.lock",
        "poetry.lock",
        "docker-compose.yml",
        "package.json",
        "setup.cfg",
    ):
        (folder / name).write_bytes(b"= [ \xff\x00 {{ : - \t\n<<<<<<< ours\n")


def papers_of_another_shape(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("project = 1\ntool = []\n[dependency-groups]\ndev = 3\n")
    (folder / "docker-compose.yml").write_text("services: [1, 2]\n")
    (folder / "package.json").write_text('{"scripts": [null]}')
    (folder / "Pipfile").write_text("packages = 4\n")


def cyclic_includes(folder: Path) -> None:
    (folder / "requirements.txt").write_text("-r a.txt\n")
    (folder / "a.txt").write_text("-r requirements.txt\n-c a.txt\n-r ../../../../../../etc/passwd\n-r absent.txt\n")


def cyclic_groups(folder: Path) -> None:
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "x"\nversion = "1"\n[dependency-groups]\na = [{include-group = "b"}]\n'
        'b = [{include-group = "a"}]\n'
    )


def yaml_bomb(folder: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    (folder / "docker-compose.yml").write_text("\n".join(lines) + "\n")


def deep_folders(folder: Path) -> None:
    deep = folder
    for _ in range(60):
        deep /= "package"
    deep.mkdir(parents=True)
    (deep / "__init__.py").write_text("from .... import x\n")


SURROUNDINGS = [
    link_to_itself,
    dangling_link,
    pipes,
    folders_for_files,
    undecodable_names,
    broken_papers,
    papers_of_another_shape,
    cyclic_includes,
    cyclic_groups,
    yaml_bomb,
    deep_folders,
]


@pytest.mark.parametrize("make", SURROUNDINGS, ids=lambda make: make.__name__)
def test_odd_surroundings_are_survived(make: Callable[[Path], None], tmp_path: Path, audit: Audit) -> None:
    backend(tmp_path)
    make(tmp_path)
    audit(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_file_is_not_analysed(tmp_path: Path, unhashed: Audit) -> None:
    backend(tmp_path)
    (tmp_path / "settings.py").write_text("x = 1\n")
    (tmp_path / "settings.py").chmod(0)
    try:
        done = unhashed(tmp_path)
    finally:
        (tmp_path / "settings.py").chmod(0o600)
    assert [it["path"] for it in json.loads(done.stdout)["not_analysed"]] == ["settings.py"]


def test_file_that_vanishes_is_survived(tmp_path: Path, unhashed: Audit) -> None:
    """Files come and go while the folder is read; a few rounds, since the moment cannot be chosen."""
    backend(tmp_path)
    script = (
        "import sys, time, pathlib\nroot = pathlib.Path(sys.argv[1])\n"
        "while True:\n for n in range(50): (root / f'gone{n}.py').write_text('x = 1\\n')\n"
        " for n in range(50): (root / f'gone{n}.py').unlink()\n"
    )
    coming_and_going = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)])
    try:
        for _ in range(5):
            done = unhashed(tmp_path)
            assert "Traceback" not in done.stderr
            assert "mistake of its own" not in done.stderr
            assert done.returncode in (0, 1)
    finally:
        coming_and_going.kill()
        coming_and_going.wait()
