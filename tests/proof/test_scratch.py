"""What a scratch copy holds, and that it is what a start sees."""

# ruff: noqa: E501 (backends, written as one line each)

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from seatrial.boot import Outcome
from seatrial.errors import UsageError
from seatrial.proof import scratch
from seatrial.proof.scratch import Scratch
from seatrial.proof.values import Launch

from .conftest import Harness

LIST = "import os\nfor here, folders, files in os.walk('.'):\n    for name in sorted(files):\n        if not name.endswith('.pyc'):\n            print('FILE', os.path.join(here, name))\n"
APP = "from fastapi import FastAPI\napp = FastAPI()\n"
WHO = "root" if os.getuid() == 0 else "ordinary"


def write(root: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def test_what_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, {
        "main.py": "", "app/x.py": "", "app/data.csv": "", ".git/config": "", "node_modules/a/b.js": "",
        "app/__pycache__/x.pyc": "", ".venv/pyvenv.cfg": "", ".venv/lib/x.py": "", "env311/pyvenv.cfg": "",
        ".env": "A=1", ".env.production": "A=1", ".env.example": "A=", "prod.env": "A=1", "app/.env.local": "A=1", "env.py": "",
    })  # fmt: skip
    found = scratch.look(tmp_path)
    assert found.files == (".env.example", "app/data.csv", "app/x.py", "env.py", "main.py")
    assert found.secrets == (".env", ".env.production", "app/.env.local", "prod.env")
    assert found.folders == ("app",)


def test_links(tmp_path: Path) -> None:
    root = tmp_path / "backend"
    write(root, {"app/real.py": ""})
    write(tmp_path, {"secret.txt": "x"})
    links = {"app/alias.py": "real.py", "out": "../secret.txt", "absolute": str(root / "app"), "dead": "nowhere", "round": "round",
             "up": "..", "loop": "app"}  # fmt: skip
    for name, target in links.items():
        (root / name).symlink_to(target)
    found = scratch.look(root)
    assert found.links == (("app/alias.py", "real.py"), ("loop", "app"))
    assert len(found.notes) == 5


def test_what_cannot_be_a_backend(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a folder"):
        scratch.look(tmp_path / "nothing")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="not a folder"):
        scratch.look(tmp_path / "file")


def test_more_than_a_copy_may_hold(tmp_path: Path) -> None:
    for number in range(40):
        with open(tmp_path / f"{number}.bin", "wb") as file:
            file.truncate(7 * 1024 * 1024)
    with pytest.raises(UsageError, match="256 MiB"):
        scratch.look(tmp_path)


def test_pipes_and_sockets_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert scratch.look(tmp_path).files == ()


def test_patches_pile_up() -> None:
    copy = Scratch(Path("/x"), files=("a.py", "b.py"))
    patched = copy.patched({"a.py": b"1", "b.py": None}).patched({"new/c.py": b"3", "b.py": b"2"})
    assert dict(patched.contents) == {"a.py": b"1", "b.py": b"2", "new/c.py": b"3"}
    assert patched.removed == frozenset()
    with pytest.raises(ValueError, match="not a path inside"):
        copy.patched({"../x": b""})


@pytest.mark.parametrize(
    "value", ["plain", "with space", "quo'te", 'dou"ble', "a#b", "two\nlines", "$HOME", "back\\slash", "", "ünï"]
)
def test_the_environment_file_reads_back(value: str, tmp_path: Path) -> None:
    dotenv = pytest.importorskip("dotenv")
    (tmp_path / ".env").write_bytes(scratch.environment_file({"NAME": value, "NEXT": "1"}))
    assert dotenv.dotenv_values(tmp_path / ".env", interpolate=False) == {"NAME": value, "NEXT": "1"}


def test_a_start_sees_the_copy_and_nothing_else(harness: Harness) -> None:
    root = harness.folder({"main.py": LIST + "print('ENV', open('.env').read())\n" + APP, ".env": "SECRET=production",
                           "a/b.txt": "1", "gone.txt": "", ".git/config": "", "a/.venv/pyvenv.cfg": "", "a/.venv/x.py": ""})  # fmt: skip
    (root / "a" / "alias").symlink_to("b.txt")
    (root / "big.bin").write_bytes(bytes(9 * 1024 * 1024))
    copy = scratch.look(root).patched({"gone.txt": None, "new/deep/c.txt": b"new"})
    from seatrial.proof.observation import observe

    seen = observe(copy, Launch("asgi", "main:app"), harness.environment(WHO), {"A": "documented value"})
    assert seen.boot.outcome is Outcome.SERVES, seen
    files = {line.removeprefix("FILE ./") for line in seen.log.splitlines() if line.startswith("FILE")}
    assert files == {"main.py", ".env", "a/b.txt", "a/alias", "big.bin", "new/deep/c.txt"}
    assert "ENV A='documented value'" in seen.log
    assert "production" not in seen.log
    shutil.rmtree(root)


def test_a_file_that_vanishes_and_one_that_cannot_be_read(harness: Harness) -> None:
    root = harness.folder({"main.py": LIST + APP, "vanishing.txt": "x", "locked.txt": "x"})
    copy = scratch.look(root)
    (root / "vanishing.txt").unlink()
    (root / "locked.txt").chmod(0)
    from seatrial.proof.observation import observe

    seen = observe(copy, Launch("asgi", "main:app"), harness.environment(WHO), {})
    assert seen.boot.outcome is Outcome.SERVES, seen
    assert "vanishing" not in seen.log
    shutil.rmtree(root)


@pytest.mark.parametrize(
    "place", ["/usr/local/seatrial-test", "/opt/seatrial-test", "/root/seatrial test ü", "/srv/seatrial-test/deep"]
)
def test_a_folder_may_lie_anywhere(harness: Harness, place: str) -> None:
    if os.getuid() != 0:
        pytest.skip("only root may write there")
    from seatrial.proof.observation import observe

    root = Path(place)
    write(root, {"main.py": "import os\nprint('AT', os.getcwd())\n" + APP, "data.txt": "kept"})
    try:
        seen = observe(scratch.look(root), Launch("asgi", "main:app"), harness.environment(WHO), {})
        assert seen.boot.outcome is Outcome.SERVES, seen
        assert f"AT {place}" in seen.log
    finally:
        shutil.rmtree(root)


def test_the_backend_s_own_environment_inside_its_folder(harness: Harness) -> None:
    from dataclasses import replace

    from seatrial.proof.observation import observe

    from .conftest import build

    root = harness.folder({"main.py": APP + "import sys\nprint('PREFIX', sys.prefix)\nfrom fastapi import nothing\n"})
    environment = harness.environment(WHO)
    own = build(root / ".venv", str(environment.interpreter.executable)) if WHO == "ordinary" else None
    if own is None:
        shutil.copytree(environment.interpreter.executable.parent.parent, root / ".venv", symlinks=True)
        site = tuple(
            Path(str(p).replace(str(environment.interpreter.executable.parent.parent), str(root / ".venv")))
            for p in environment.site
        )
        own = replace(
            environment,
            interpreter=replace(environment.interpreter, executable=root / ".venv" / "bin" / "python"),
            site=site,
        )
    seen = observe(scratch.look(root), Launch("asgi", "main:app"), own, {})
    assert f"PREFIX {root}/.venv" in seen.log
    assert seen.boot.failure is not None
    assert seen.boot.failure.exception == "ImportError"
    assert [frame.path for frame in seen.boot.failure.frames] == ["main.py"]
    assert f"({root}/.venv/lib" in seen.boot.failure.message
    shutil.rmtree(root)


def test_a_folder_of_packages_becomes_an_environment(harness: Harness) -> None:
    """As `uv pip install --target` makes one: packages without an interpreter beside them."""
    from seatrial.proof.observation import observe

    from .conftest import Environment, Python

    environment = harness.environment(WHO)
    base = Path(os.path.realpath(environment.interpreter.executable))
    packages = harness.home / "packages"
    shutil.copytree(environment.site[0], packages)
    (packages / "extra.pth").write_text("import sys; sys.extra = 1\n")
    code = (
        "import sys\nimport importlib.metadata as m\nprint('SAYS', m.version('fastapi'), sys.extra, sys.prefix != sys.base_prefix)\n"
        + APP
    )
    root = harness.folder({"main.py": code})
    for site in ((packages,), (packages, harness.home)):
        bare = Environment(Python(base, environment.interpreter.version), site)
        seen = observe(scratch.look(root), Launch("asgi", "main:app"), bare, {})
        assert seen.boot.outcome is Outcome.SERVES, seen
        assert "SAYS" in seen.log and "1 True" in seen.log
    shutil.rmtree(root)
    shutil.rmtree(packages)
