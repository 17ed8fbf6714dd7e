"""Asks both sides about packages, in folders that live no longer than the question."""

from __future__ import annotations

import shutil
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seatrial.boot import Boot, Outcome

from . import adapter
from .compare import Verdict, compare
from .model import Package
from .oracle import Oracle, write


@dataclass(frozen=True, slots=True)
class Trial:
    """One package under one CPython."""

    seed: int
    python: str
    observed: Boot
    verdict: Verdict | None  # None where only CPython was asked


class Court:
    """Oracles of several versions and a folder in memory. A context manager, for one process."""

    def __init__(self, pythons: Sequence[str], oracle_only: bool = False) -> None:
        self.oracles = {python: Oracle(python) for python in pythons}
        self.oracle_only = oracle_only
        memory = Path("/dev/shm")
        self.folder = Path(tempfile.mkdtemp(prefix="seatrial-differential-", dir=memory if memory.is_dir() else None))
        self._number = 0

    def close(self) -> None:
        for oracle in self.oracles.values():
            oracle.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Court:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()

    def judge(self, packages: Sequence[Package]) -> list[Trial]:
        """Ask CPython (all versions at once) and the simulation about each package."""
        roots = [self.lay_out(package.files) for package in packages]
        asked = [(root, package.target) for root, package in zip(roots, packages, strict=True)]
        for oracle in self.oracles.values():
            oracle.submit(asked)
        trials: list[Trial] = []
        for python, oracle in self.oracles.items():
            for package, root, observed in zip(packages, roots, oracle.collect(len(asked)), strict=True):
                trials.append(
                    Trial(package.seed, python, observed, self._verdict(root, package.target, python, observed))
                )
        for root in roots:
            shutil.rmtree(root, ignore_errors=True)
        return trials

    def one(self, files: Mapping[str, str], target: str, python: str) -> Verdict | None:
        """As `judge`, for a package that need not be a generated one, under one version."""
        root = self.lay_out(files)
        try:
            observed = self.oracles[python].ask([(root, target)])[0]
            return self._verdict(root, target, python, observed)
        finally:
            shutil.rmtree(root, ignore_errors=True)

    def _verdict(self, root: Path, target: str, python: str, observed: Boot) -> Verdict | None:
        if self.oracle_only:
            return None
        return compare(prediction(root, target, python), observed)

    def lay_out(self, files: Mapping[str, str]) -> Path:
        self._number += 1
        return write(files, self.folder / f"p{self._number}")


def prediction(root: Path, target: str, python: str) -> Boot:
    """The simulation's answer; an exception of its own counts as `serves`, with the traceback as reason."""
    try:
        return adapter.predict(root, target, python)
    except Exception:  # noqa: BLE001  (a crash of the simulation is a finding, not the end of the run)
        return Boot(Outcome.SERVES, reason="the simulation crashed:\n" + traceback.format_exc(limit=-6))
