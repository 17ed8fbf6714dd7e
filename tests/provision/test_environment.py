"""A backend's own environment is what its interpreter would see; one that could not start is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from seatrial.errors import UsageError
from seatrial.provision.distributions import normalise
from seatrial.provision.environment import Environment, Unusable, named_environment, open_environment, own_environment

pytestmark = pytest.mark.skipif(os.name != "posix", reason="links and scripts as on Linux and macOS")

DESCRIBE = """
import json, sys, importlib.metadata as m
found = [[d.metadata["Name"], d.version, d.requires or []] for d in m.distributions()]
print(json.dumps({"path": sys.path, "found": found}))
"""


def make(directory: Path, *options: str, system: bool = False) -> Path:
    command = [sys.executable, "-m", "venv", "--without-pip", *options]
    subprocess.run([*command, *(["--system-site-packages"] if system else []), str(directory)], check=True)
    return directory


def site_of(directory: Path) -> Path:
    return next(directory.glob("lib/python3.*/site-packages"))


def install(directory: Path, name: str, version: str = "1.0", *requires: str) -> None:
    site = site_of(directory)
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    lines = "".join(f"Requires-Dist: {line}\n" for line in requires)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{lines}\nA text.\n")
    module = f"{name.replace('-', '_')}.py"
    (site / module).write_text("")
    (info / "RECORD").write_text(f"{module},,\n{info.name}/METADATA,,\n{info.name}/RECORD,,\n")


def as_its_interpreter_sees(directory: Path) -> dict[str, list[object]]:
    ran = subprocess.run(
        [directory / "bin" / "python", "-I", "-c", DESCRIBE], capture_output=True, check=True, text=True
    )
    seen: dict[str, list[object]] = json.loads(ran.stdout)
    return seen


def own(backend: Path) -> Environment:
    found, refused = own_environment(backend, backend)
    assert found is not None, refused
    return found


def refusal(backend: Path) -> str:
    found, refused = own_environment(backend, backend)
    assert found is None
    return refused[0].reason


@pytest.mark.parametrize("name", [".venv", "venv", "env"])
def test_it_holds_what_its_interpreter_sees(backend: Path, name: str) -> None:
    venv = make(backend / name)
    install(venv, "Some.Thing", "2.1", "other>=1", 'extra-one; extra == "x"')
    install(venv, "other", "1.5")
    seen = as_its_interpreter_sees(venv)
    found = own(backend)
    described = [[d.name, d.version, list(d.requires)] for d in found.distributions.values()]
    assert sorted(described) == sorted(seen["found"])  # type: ignore[type-var]
    assert [str(path) for path in (*found.interpreter.stdlib, *found.site)] == [
        path for path in seen["path"] if not str(path).endswith(".zip")
    ]
    assert found.origin == "own"
    assert found.executable == venv / "bin" / "python"


def test_path_files_are_followed_as_site_follows_them(backend: Path, tmp_path: Path) -> None:
    venv = make(backend / ".venv")
    install(venv, "thing")
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
    site = site_of(venv)
    (site / "b.pth").write_text(f"# a comment\n\n{tmp_path / 'two'}\n{tmp_path / 'missing'}\n{tmp_path / 'two'}\n")
    (site / "a.pth").write_text(f"import sys; sys.path.append({str(tmp_path / 'never')!r})\n{tmp_path / 'one'}  \n")
    (site / "c.pth").write_text(os.path.relpath(tmp_path / "three", site) + "\n")
    (site / "d.txt").write_text(str(tmp_path))
    found = own(backend)
    run_by_site = [str(path) for path in as_its_interpreter_sees(venv)["path"] if "never" not in str(path)]
    assert [str(path) for path in found.site] == run_by_site[-len(found.site) :]
    assert len(found.site) == 4
    assert "a.pth" in found.note


def test_what_is_installed_beside_the_interpreter_counts_where_the_environment_says_so(backend: Path) -> None:
    venv = make(backend / ".venv", system=True)
    install(venv, "thing")
    seen = as_its_interpreter_sees(venv)
    # `-I` keeps the user's own packages away; a server does not.
    beyond = [str(path) for path in own(backend).site if path != own(backend).interpreter.user_site]
    assert [path for path in seen["path"] if "site-packages" in str(path)] == [
        path for path in beyond if "site-packages" in path
    ]


def test_editable_installs_are_read_and_not_run(backend: Path, tmp_path: Path) -> None:
    venv = make(backend / ".venv")
    install(venv, "thing")
    site = site_of(venv)
    (site / "__editable__.pkg-1.pth").write_text(
        "import __editable___pkg_1_finder; __editable___pkg_1_finder.install()\n"
    )
    (site / "__editable___pkg_1_finder.py").write_text(
        f"MAPPING: dict[str, str] = {{'pkg': {str(tmp_path / 'pkg')!r}}}\nraise SystemExit('run')\n"
    )
    found = own(backend)
    assert found.mapped == {"pkg": tmp_path / "pkg"}
    assert found.note == ""


def test_a_link_that_leads_nowhere_is_no_interpreter(backend: Path) -> None:
    venv = make(backend / "venv")
    install(venv, "thing")
    for link in (venv / "bin").glob("python*"):
        link.unlink()
    (venv / "bin" / "python").symlink_to("/usr/bin/python3.99")
    assert refusal(backend) == "its interpreter /usr/bin/python3.99 is not on this machine"


def test_an_environment_without_interpreter_is_none(backend: Path) -> None:
    venv = make(backend / "venv")
    for link in (venv / "bin").glob("python*"):
        link.unlink()
    assert "is not on this machine" in refusal(backend)


def test_an_environment_made_on_windows_is_none_here(backend: Path) -> None:
    (backend / "venv" / "Scripts").mkdir(parents=True)
    (backend / "venv" / "Lib" / "site-packages").mkdir(parents=True)
    (backend / "venv" / "pyvenv.cfg").write_text("home = C:\\Python311\nversion = 3.11.4\n")
    assert refusal(backend) == "it was made on Windows"


def test_an_environment_whose_modules_are_missing_is_none(backend: Path) -> None:
    venv = make(backend / "venv")
    install(venv, "present")
    install(venv, "gone")
    (site_of(venv) / "gone.py").unlink()
    assert refusal(backend) == "1 of its 2 distributions lack their modules (gone)"


def test_an_empty_environment_is_none(backend: Path) -> None:
    make(backend / "venv")
    assert refusal(backend) == "nothing is installed in it"


def test_an_environment_for_another_version_is_none(backend: Path) -> None:
    venv = make(backend / "venv")
    install(venv, "thing")
    site_of(venv).parent.rename(venv / "lib" / "python3.7")
    assert refusal(backend).startswith("it was made for Python 3.7, and its interpreter is now 3.")


def test_a_program_of_the_audited_folder_is_never_started(backend: Path, tmp_path: Path) -> None:
    venv = make(backend / "venv")
    install(venv, "thing")
    for link in (venv / "bin").glob("python*"):
        link.unlink()
    trap = venv / "bin" / "python"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path / 'started'}\n")
    trap.chmod(0o755)
    (venv / "pyvenv.cfg").write_text(f"home = {venv / 'bin'}\nversion = 3.11.4\n")
    assert refusal(backend) == "its interpreter is not one of this machine's"
    assert not (tmp_path / "started").exists()


def test_an_environment_of_copies_is_read_through_its_home(backend: Path) -> None:
    venv = make(backend / "venv", "--copies")
    install(venv, "thing")
    found = own(backend)
    assert "thing" in found.distributions
    assert not found.interpreter.executable.is_relative_to(backend)


def test_the_active_environment_counts_unless_it_is_our_own(
    backend: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    assert own_environment(backend, backend) == (None, ())
    active = make(tmp_path / "active")
    install(active, "thing")
    monkeypatch.setenv("VIRTUAL_ENV", str(active))
    assert own(backend).directory == active


def test_the_backends_folder_comes_before_the_audited_one(tmp_path: Path) -> None:
    inner = tmp_path / "services" / "api"
    inner.mkdir(parents=True)
    for place, name in ((tmp_path, "outer"), (inner, "inner")):
        install(make(place / ".venv"), name)
    found, _ = own_environment(inner, tmp_path)
    assert found is not None and set(found.distributions) == {"inner"}


def test_an_environment_can_be_named(tmp_path: Path, backend: Path) -> None:
    venv = make(tmp_path / "elsewhere")
    for spelling in (venv, venv / "bin" / "python"):
        named = named_environment(str(spelling), backend)
        assert named is not None and named.directory == venv
    assert named_environment(sys.base_prefix + "/bin/python3", backend) is None
    assert named_environment("3.12", backend) is None
    site_of(venv).rmdir()
    with pytest.raises(UsageError, match="cannot be used: it has no site-packages"):
        named_environment(str(venv), backend)


def test_a_change_is_seen(backend: Path) -> None:
    venv = make(backend / ".venv")
    install(venv, "one")
    os.utime(site_of(venv), (1_000_000_000, 1_000_000_000))
    assert set(own(backend).distributions) == {"one"}
    install(venv, "two")
    assert set(own(backend).distributions) == {"one", "two"}


def test_spoilt_and_strange_metadata_is_no_end(backend: Path, fresh_cache: Path) -> None:
    venv = make(backend / ".venv")
    install(venv, "thing")
    site = site_of(venv)
    (site / "empty.dist-info").mkdir()
    (site / "file.dist-info").write_text("")
    (site / "binary-1.dist-info").mkdir()
    (site / "binary-1.dist-info" / "METADATA").write_bytes(b"\xff\xfe\x00\x01Name")
    (site / "old-3.egg-info").write_text("Name: old\nVersion: 3\n")
    os.utime(site, (1_000_000_000, 1_000_000_000))
    assert set(own(backend).distributions) == {"thing", "old"}
    for kept in (fresh_cache / "distributions-1").glob("*.json"):
        kept.write_text('{"changed": 1000000000000000000, "found": [[1]]}')
    assert set(own(backend).distributions) == {"thing", "old"}


def test_files_and_modules_are_those_of_the_record(backend: Path) -> None:
    venv = make(backend / ".venv")
    install(venv, "Some.Thing-else")
    found = own(backend).distributions[normalise("some_thing_else")]
    assert found.top_level == ()  # "Some.Thing_else.py" is no module
    install(venv, "plain")
    plain = own(backend).distribution("PLAIN")
    assert plain is not None
    assert plain.top_level == ("plain",)
    assert "plain.py" in plain.files()


def test_a_folder_that_is_no_environment_is_unusable(backend: Path) -> None:
    opened = open_environment(backend, backend)
    assert isinstance(opened, Unusable)
