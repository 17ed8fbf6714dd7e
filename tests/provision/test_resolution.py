"""What is declared is resolved by the real uv, against an index of the tests' own."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from datetime import date
from pathlib import Path

import pytest

from seatrial.provision.environment import Environment
from seatrial.provision.equip import Order, complete, equip
from seatrial.provision.interpreter import Interpreter
from seatrial.provision.problems import InstallProblem
from seatrial.provision.resolution import Request, provide_tool, resolve
from tests.provision.local_index import LocalIndex


@pytest.fixture
def stocked(index: LocalIndex) -> LocalIndex:
    index.wheel("web", "1.0", "core<2")
    index.wheel("web", "2.0", "core>=2", day="2024-06-01")
    for version in ("1.0", "1.5", "2.0", "2.5"):
        index.wheel("core", version)
    index.wheel("modern", "1.0", python=">=3.99")
    index.wheel("foreign", "1.0", tag="cp311-cp311-win_amd64")
    return index


def ask(backend: Path, interpreter: Interpreter, *lines: str) -> Environment:
    (backend / "requirements.txt").write_text("".join(f"{line}\n" for line in lines))
    return resolve(Request(interpreter, backend, requirement_files=(backend / "requirements.txt",)))


def only(environment: Environment) -> InstallProblem:
    assert len(environment.problems) == 1, environment.problems
    return environment.problems[0]


def run_in(environment: Environment, code: str) -> str:
    assert environment.executable is not None
    ran = subprocess.run([environment.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def test_what_is_declared_is_resolved_and_can_be_imported(
    backend: Path, interpreter: Interpreter, stocked: LocalIndex
) -> None:
    found = ask(backend, interpreter, "web  # the framework", "core>=2,<2.5")
    assert found.origin == "resolved"
    assert dict(found.versions) == {"web": "2.0", "core": "2.0"}
    assert found.problems == ()
    assert found.distributions["web"].requires == ("core>=2",)
    assert run_in(found, "import web, core; print(web.version, core.version)") == "2.0 2.0"
    assert run_in(found, "import sys; print(sys.base_prefix)") == str(interpreter.prefix)


def test_a_known_answer_asks_nobody(backend: Path, interpreter: Interpreter, stocked: LocalIndex) -> None:
    first = ask(backend, interpreter, "web")
    stocked.close()
    assert ask(backend, interpreter, "# a comment after", "web").versions == first.versions


def test_another_day_is_asked_again_and_an_old_answer_serves_where_nobody_answers(
    backend: Path, interpreter: Interpreter, stocked: LocalIndex, fresh_cache: Path
) -> None:
    ask(backend, interpreter, "web")
    for record in (fresh_cache / "resolutions-3").glob("*.json"):
        text = record.read_text()
        record.write_text(text[: text.index('"day":"') + 7] + "2024-01-02" + text[text.index('"day":"') + 17 :])
    stocked.close()
    found = ask(backend, interpreter, "web")
    assert found.versions["web"] == "2.0"
    assert "resolved from what is declared on 2024-01-02, as the package index cannot be reached now" in found.note


def test_a_day_can_be_asked_for(backend: Path, interpreter: Interpreter, stocked: LocalIndex) -> None:
    request = Request(interpreter, backend, requirements=("web",), as_of=date(2024, 1, 1))
    assert resolve(request).versions == {"web": "1.0", "core": "1.5"}


def test_no_such_distribution(backend: Path, interpreter: Interpreter, stocked: LocalIndex) -> None:
    found = ask(backend, interpreter, "web", "wbe==1.0")
    problem = only(found)
    assert problem.kind == "no-such-distribution"
    assert problem.message == "No distribution is called `wbe`."
    assert [(line.text, line.location and line.location.line) for line in problem.lines] == [("wbe==1.0", 2)]
    assert set(found.absent) == {"wbe"}
    assert found.versions["web"] == "2.0"


def test_no_such_version(backend: Path, interpreter: Interpreter, stocked: LocalIndex) -> None:
    found = ask(backend, interpreter, "web==9.0")
    problem = only(found)
    assert problem.kind == "no-such-version"
    assert problem.message.startswith("`web==9.0` asks for a version that does not exist")
    assert problem.instead == (("web", "2.0"),)


def test_a_conflict_names_both_and_gives_up_the_pin_that_others_bind(
    backend: Path, interpreter: Interpreter, stocked: LocalIndex
) -> None:
    found = ask(backend, interpreter, "core==2.5", "web==1.0")
    problem = only(found)
    assert problem.kind == "conflict"
    assert set(problem.requirements) == {"web", "core"}
    assert problem.message.endswith("1.0 needs core<2.")
    assert found.versions == {"web": "1.0", "core": "1.5"}
    assert "we can conclude" in problem.explanation


def test_two_pins_of_one_name(backend: Path, interpreter: Interpreter, stocked: LocalIndex) -> None:
    problem = only(ask(backend, interpreter, "core==1.0", "core==2.0"))
    assert problem.kind == "conflict"
    assert problem.message == "`core==1.0` and `core==2.0` cannot be installed together."


def test_a_release_for_another_python(backend: Path, interpreter: Interpreter, stocked: LocalIndex) -> None:
    found = ask(backend, interpreter, "modern", "web")
    problem = only(found)
    assert problem.kind == "python-mismatch"
    assert problem.message.startswith("`modern` needs Python >=3.99; this is 3.")
    assert set(found.absent) == {"modern"}


@pytest.mark.skipif(sys.platform == "win32", reason="the wheel is for Windows")
def test_no_wheel_for_this_platform(backend: Path, interpreter: Interpreter, stocked: LocalIndex) -> None:
    assert only(ask(backend, interpreter, "foreign==1.0", "web")).kind == "no-wheel"


def test_a_line_that_is_no_requirement(backend: Path, interpreter: Interpreter, stocked: LocalIndex) -> None:
    found = ask(backend, interpreter, "web=>1.0", "<<<<<<< HEAD", "core")
    assert [problem.kind for problem in found.problems] == ["invalid-requirement", "invalid-requirement"]
    assert found.problems[0].message.startswith("`web=>1.0` is no requirement: ")
    assert set(found.versions) == {"web", "core"}


def test_several_faults_are_all_told(backend: Path, interpreter: Interpreter, stocked: LocalIndex) -> None:
    found = ask(backend, interpreter, "nosuch", "core==2.5", "web==1.0", "modern")
    assert sorted(problem.kind for problem in found.problems) == ["conflict", "no-such-distribution", "python-mismatch"]
    assert found.versions == {"web": "1.0", "core": "1.5"}


def test_code_from_anywhere_but_an_index_is_left_out(
    backend: Path, interpreter: Interpreter, stocked: LocalIndex
) -> None:
    (backend / "setup.py").write_text("raise SystemExit(open('ran', 'w'))")
    lines = ["-e .", "./local", "thing @ http://127.0.0.1:9/thing.whl", "git+https://127.0.0.1:9/a.git#egg=a", "core"]
    found = ask(backend, interpreter, *lines)
    assert set(found.versions) == {"core"}
    assert "left out, as they do not come from an index: -e ., ./local, thing, a" in found.note
    assert not (backend / "ran").exists()


def test_source_only_releases_are_read_and_never_run(
    backend: Path, interpreter: Interpreter, stocked: LocalIndex, tmp_path: Path
) -> None:
    trap = f"open({str(tmp_path / 'ran')!r}, 'w')\nfrom setuptools import setup\nsetup()\n"
    info = {"pure.egg-info/top_level.txt": "pure\n", "pure.egg-info/requires.txt": "core<2\n\n[more]\nweb\n"}
    stocked.source("pure", "0.5", {"setup.py": trap, "src/pure/__init__.py": "version = '0.5'\n", **info})
    found = ask(backend, interpreter, "pure")
    assert found.problems == ()
    assert found.versions == {"pure": "0.5", "core": "1.5"}
    assert set(found.sources) == {"pure"} and not found.unbuilt
    assert found.distributions["pure"].requires == ("core<2", 'web ; extra == "more"')
    assert run_in(found, "import pure; print(pure.version)") == "0.5"
    assert not (tmp_path / "ran").exists()


def test_source_that_must_be_compiled_is_a_problem_and_still_read(
    backend: Path, interpreter: Interpreter, stocked: LocalIndex
) -> None:
    files = {"setup.py": "", "lib/__init__.py": "from native._speed import go\n", "native/_speed.c": "int x;\n"}
    stocked.source(
        "native", "1.2", {**files, "native.egg-info/top_level.txt": "native\n", "PKG-INFO": "Name: native\n"}
    )
    found = ask(backend, interpreter, "native==1.2")
    problem = only(found)
    assert problem.kind == "build-needed"
    assert problem.instead == (("native", "1.2"),)
    assert set(found.unbuilt) == {"native"}
    assert found.distributions["native"].top_level == ("native",)


@pytest.mark.parametrize(("cython", "breaks"), [("0.29.13", True), ("3.1.0", False)])
def test_source_that_cython_generated_for_pythons_of_its_day(
    cython: str, breaks: bool, backend: Path, interpreter: Interpreter, stocked: LocalIndex
) -> None:
    code = f"/* Generated by Cython {cython} */\nint x;\n"
    stocked.source("parser", "1.2", {"setup.py": "", "parser/__init__.py": "", "parser/_speed.c": code})
    problem = only(ask(backend, interpreter, "parser==1.2"))
    assert problem.kind == "build-needed"
    minor = ".".join(map(str, interpreter.minor))
    said = f"Its C code was generated by Cython {cython}, and does not compile on Python {minor}."
    assert problem.broken == (said if breaks and interpreter.minor >= (3, 11) else "")


def test_source_archives_that_are_none_are_left_out(
    backend: Path, interpreter: Interpreter, stocked: LocalIndex
) -> None:
    stocked.source("hollow", "1.0", {"README": "nothing to import"})
    stocked.source("rotten", "1.0", {"rotten.py": ""})
    stocked.releases["rotten"][0].raw = b"no archive"
    found = ask(backend, interpreter, "hollow", "rotten", "core")
    assert set(found.absent) == {"hollow", "rotten"}
    assert {problem.kind for problem in found.problems} == {"build-needed"}
    assert set(found.versions) == {"core"}


def test_giants_are_resolved_and_not_installed_until_a_start_needs_them(
    backend: Path, interpreter: Interpreter, stocked: LocalIndex
) -> None:
    stocked.wheel("torchlike", "1.0", "nvidia-cublas==12", "triton")
    stocked.wheel("nvidia-cublas", "12")
    stocked.wheel("triton", "3")
    stocked.wheel("nvidia-ml-py", "1")
    order = Order(backend, backend, requirements=("torchlike", "nvidia-ml-py"), python=str(interpreter.executable))
    found = equip(order)
    assert found.skipped == {"nvidia-cublas", "triton"}
    assert set(found.versions) == {"torchlike", "nvidia-cublas", "triton", "nvidia-ml-py"}
    assert set(found.distributions) == {"torchlike", "nvidia-ml-py"}
    assert set(complete(order, found).distributions) == set(found.versions)


def test_constraints_includes_and_options_are_followed(
    backend: Path, interpreter: Interpreter, stocked: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV_DEFAULT_INDEX")
    (backend / "more").mkdir()
    (backend / "more" / "base.txt").write_text("-c limits.txt\ncore\n-r ../requirements.txt\n")
    (backend / "more" / "limits.txt").write_text("core<2\n")
    found = ask(backend, interpreter, f"--index-url {stocked.url}", "-r more/base.txt", "web \\", "  <2")
    assert found.versions == {"web": "1.0", "core": "1.5"}


def test_a_file_that_powershell_wrote(backend: Path, interpreter: Interpreter, stocked: LocalIndex) -> None:
    (backend / "requirements.txt").write_bytes("core==1.5\r\nweb\r\n".encode("utf-16"))
    found = resolve(Request(interpreter, backend, requirement_files=(backend / "requirements.txt",)))
    assert found.versions == {"web": "1.0", "core": "1.5"}


def test_a_pyproject_with_its_settings(backend: Path, interpreter: Interpreter, stocked: LocalIndex) -> None:
    other = LocalIndex()
    other.wheel("private", "3.0")
    (backend / "pyproject.toml").write_text(
        f"""
[build-system]
requires = ["nosuch"]
[project]
name = "backend"
dynamic = ["version"]
dependencies = ["web"]
[project.optional-dependencies]
more = ["private"]
[dependency-groups]
base = ["core"]
prod = [{{include-group = "base"}}]
[tool.uv]
constraint-dependencies = ["core<2.5"]
[[tool.uv.index]]
name = "ours"
url = "{other.url}"
"""
    )
    request = Request(interpreter, backend, pyproject=backend / "pyproject.toml", extras=("more",), groups=("prod",))
    assert resolve(request).versions == {"web": "2.0", "core": "2.0", "private": "3.0"}
    other.close()


def test_nothing_declared_is_no_environment(backend: Path, interpreter: Interpreter) -> None:
    found = ask(backend, interpreter, "# nothing")
    assert (found.origin, found.note, found.site) == ("none", "no dependency is declared", ())


def test_offline_says_so_and_takes_what_is_cached(
    backend: Path, interpreter: Interpreter, stocked: LocalIndex, fresh_cache: Path
) -> None:
    offline = Request(interpreter, backend, requirements=("core==1.0",), offline=True)
    nothing = resolve(offline)
    assert (nothing.origin, nothing.problem and nothing.problem.kind) == ("none", "unreachable-index")
    resolve(Request(interpreter, backend, requirements=("core==1.0",)))
    assert resolve(offline).versions == {"core": "1.0"}


def test_an_index_that_does_not_answer(
    backend: Path, interpreter: Interpreter, monkeypatch: pytest.MonkeyPatch, fresh_cache: Path
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://someone:secret@127.0.0.1:9/simple")
    found = ask(backend, interpreter, "core")
    assert found.origin == "none"
    problem = only(found)
    assert problem.kind == "unreachable-index"
    assert "cannot be reached" in problem.message
    assert "secret" not in problem.message + problem.explanation + found.note


def test_a_broken_environment_is_made_again(backend: Path, interpreter: Interpreter, stocked: LocalIndex) -> None:
    found = ask(backend, interpreter, "web")
    for path in found.distributions["core"].info.iterdir():
        path.unlink()
    found.distributions["core"].info.rmdir()
    assert "core" in ask(backend, interpreter, "web").distributions


def test_a_broken_record_is_asked_again(
    backend: Path, interpreter: Interpreter, stocked: LocalIndex, fresh_cache: Path
) -> None:
    ask(backend, interpreter, "web")
    for record in (fresh_cache / "resolutions-3").glob("*.json"):
        record.write_bytes(b'{"day": "\x00')
    assert ask(backend, interpreter, "web").versions["web"] == "2.0"


def test_runs_at_the_same_time_agree(
    backend: Path, interpreter: Interpreter, stocked: LocalIndex, fresh_cache: Path
) -> None:
    request = Request(interpreter, backend, requirements=("web",))
    found: list[Environment] = []
    threads = [threading.Thread(target=lambda: found.append(resolve(request))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [environment.versions for environment in found] == [{"web": "2.0", "core": "2.5"}] * 4
    assert len({environment.directory for environment in found}) == 1
    assert list((fresh_cache / "scratch").iterdir()) == []


def test_nothing_is_written_into_the_backend(backend: Path, interpreter: Interpreter, stocked: LocalIndex) -> None:
    (backend / "pyproject.toml").write_text(
        "[project]\nname = 'b'\nversion = '1'\nrequires-python = '>=3.8'\ndependencies = ['web']\n"
    )
    subprocess.run([uv(), "lock", "--quiet", "--directory", str(backend)], check=True)
    before = contents(backend)
    for lock in (None, backend / "uv.lock"):
        resolve(Request(interpreter, backend, pyproject=backend / "pyproject.toml", lock=lock))
    assert contents(backend) == before


def contents(directory: Path) -> dict[str, str]:
    files = (path for path in sorted(directory.rglob("*")) if path.is_file())
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def uv() -> str:
    import uv as package

    return os.fsdecode(package.find_uv_bin())


def test_a_tool_is_had_once_and_for_good(interpreter: Interpreter, stocked: LocalIndex, fresh_cache: Path) -> None:
    tool = provide_tool("the web", "web==1.0", interpreter=interpreter)
    assert isinstance(tool, Environment)
    assert run_in(tool, "import web; print(web.version)") == "1.0"
    stocked.close()
    again = provide_tool("the web", "web==1.0", interpreter=interpreter)
    assert isinstance(again, Environment)
    assert again.directory == tool.directory
    refused = provide_tool("nothing", "nosuch==1", interpreter=interpreter, offline=True)
    assert isinstance(refused, InstallProblem)


def test_the_whole_leg_says_how_it_went(backend: Path, interpreter: Interpreter, stocked: LocalIndex) -> None:
    (backend / "venv").mkdir()
    (backend / "venv" / "pyvenv.cfg").write_text("home = /nowhere\n")
    found = equip(Order(backend, backend, requirements=("web",)))
    assert found.note.startswith("venv is not used: it has no site-packages; no Python version is declared; taken as ")
    assert found.versions["web"] == "2.0"


def test_a_lock_file_that_is_made_anew_keeps_what_still_fits(
    backend: Path, interpreter: Interpreter, stocked: LocalIndex
) -> None:
    stocked.wheel("late", "1.0")
    package = '[[package]]\nname = "{}"\nversion = "{}"\noptional = false\npython-versions = "*"\ngroups = ["main"]\n'
    (backend / "poetry.lock").write_text(package.format("web", "1.0") + package.format("core", "1.5"))
    lines = ("web", "core", "late")
    asked = Request(interpreter, backend, requirements=lines, preferred=backend / "poetry.lock")
    assert dict(resolve(asked).versions) == {"web": "1.0", "core": "1.5", "late": "1.0"}
    newer = Request(interpreter, backend, requirements=("web>=2", "core"), preferred=backend / "poetry.lock")
    assert dict(resolve(newer).versions) == {"web": "2.0", "core": "2.5"}
