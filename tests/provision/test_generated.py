"""What is said of C code that Cython generated, beside what a C compiler says of it on each Python's own headers."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from uv import find_uv_bin

from seatrial.provision.generated import compiles, cython_of
from seatrial.provision.interpreter import Interpreter, interpreters_at_hand

MODULE = """\
cdef class Counter:
    cdef int start
    def __init__(self, int start):
        self.start = start
    def after(self, stop):
        return [number for number in range(stop) if number > self.start]
    def forever(self):
        yield self.start
async def later(value):
    return await value
def call(int first, *args, **kwargs):
    try:
        return {"first": first, **kwargs}
    except KeyError as error:
        raise ValueError(str(error))
"""


def headers_of(interpreter: Interpreter) -> Path:
    major, minor = interpreter.minor
    return interpreter.executable.resolve().parents[1] / "include" / f"python{major}.{minor}"


@pytest.fixture(scope="module")
def pythons() -> dict[tuple[int, int], Interpreter]:
    """Those with headers, one of each minor version."""
    return {it.minor: it for it in interpreters_at_hand() if (headers_of(it) / "Python.h").is_file()}


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("cython", ["0.29.28", "0.29.29", "0.29.33", "0.29.34", "3.0.0", "3.0.8"])
def test_as_the_compiler_has_it(cython: str, tmp_path: Path, pythons: dict[tuple[int, int], Interpreter]) -> None:
    old = next((it for minor, it in sorted(pythons.items()) if (3, 8) <= minor <= (3, 11)), None)
    if old is None:
        missing = "there is no Python from 3.8 to 3.11 with its headers here, on which the old releases of Cython run"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    folder, module = str(tmp_path / "cython"), tmp_path / "module.pyx"
    module.write_text(MODULE)
    uv = [find_uv_bin(), "pip", "install", "--quiet", "--only-binary", ":all:", "--python", str(old.executable)]
    subprocess.run([*uv, "--target", folder, f"cython=={cython}"], check=True)
    command = [str(old.executable), "-m", "cython", "-3", str(module)]
    subprocess.run(command, check=True, env={"PYTHONPATH": folder}, cwd=tmp_path)
    code = tmp_path / "module.c"
    assert cython_of({"module.c": code.read_bytes()}) == cython
    for minor, interpreter in pythons.items():
        if (3, 10) <= minor <= (3, 13):
            gcc = ["gcc", "-fsyntax-only", "-w", f"-I{headers_of(interpreter)}", str(code)]
            assert compiles(cython, minor) == (subprocess.run(gcc, capture_output=True).returncode == 0), minor
