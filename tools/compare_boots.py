"""Hold predicted boots against observed ones, backend by backend, under the same environment.

    python -m tools.compare_boots DATA.jsonl CHECKOUTS [--only SUBSTRING] [--json FILE]

DATA.jsonl names backends (`repo`, `backend_dir`, `python`), CHECKOUTS holds `<owner>__<name>` folders. Each
backend is read and played, then started for real, confined as `seatrial boot` confines it. "unknown" counts as a miss.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seatrial.boot import Boot, Failure
from seatrial.errors import UsageError
from seatrial.options import BootOptions
from seatrial.progress import SILENT
from seatrial.project.backends import choose, find_backends
from seatrial.project.files import scan
from seatrial.proof.mending import Bench

IMPORTS = frozenset(
    {"ModuleNotFoundError", "ImportError", "AttributeError", "NameError", "SyntaxError", "IndentationError", "TabError"}
    | {
        "uvicorn.importer.ImportFromStringError",
        "pydantic.errors.PydanticImportError",
        "fastapi.exceptions.FastAPIError",
    }
)


@dataclass(frozen=True, slots=True)
class Row:
    """One backend: what was said of its start, and what it did."""

    name: str
    predicted: Boot
    observed: Boot
    seconds: float

    @property
    def agrees(self) -> bool:
        """Whether outcome, stage, exception and failing frame are the same."""
        return essence(self.predicted) == essence(self.observed)

    @property
    def is_import_fault(self) -> bool:
        """Whether the real start stopped at an import or at the entry point."""
        failure = self.observed.failure
        return failure is not None and failure.exception in IMPORTS


def essence(boot: Boot) -> tuple[object, ...]:
    """What has to agree."""
    failure = boot.failure
    if failure is None:
        return (boot.outcome,)
    frame = failure.frames[-1] if failure.frames else None
    return boot.outcome, failure.stage, failure.exception, (frame.path, frame.line) if frame else None


def compare(path: Path, python: str | None, name: str) -> Row:
    """Play and start one backend."""
    began = time.monotonic()
    tree = scan(path)
    bench = Bench(tree, choose(find_backends(tree)).base, BootOptions(python=python, timeout_s=45), SILENT)
    attempt = bench.attempt({})
    return Row(name, attempt.timeline.boot, attempt.boot, time.monotonic() - began)


def rows(data: Path, checkouts: Path, only: str) -> Iterator[tuple[str, Path, str | None]]:
    """The backends of the list that are checked out."""
    for line in data.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        path = checkouts / row["repo"].replace("/", "__") / row["backend_dir"]
        if only in row["repo"] and path.is_dir():
            yield f"{row['repo']} [{row['backend_dir']}]", path, row.get("python")


def told(boot: Boot) -> str:
    """One line about a start."""
    failure: Failure | None = boot.failure
    if failure is None:
        return f"{boot.outcome} {boot.reason}".strip()
    frame = failure.frames[-1] if failure.frames else None
    place = f"{frame.path}:{frame.line}" if frame else "no line of the backend"
    message = " / ".join(failure.message.split("\n"))[:110]
    return f"{failure.stage} {failure.exception} at {place}: {message}"


def main() -> int:
    """Compare, print, count; 0 when every import fault agrees in at least nine of ten."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    done: list[Row] = []
    for name, path, python in rows(options.data, options.checkouts, options.only):
        try:
            row = compare(path, python, name)
        except UsageError as error:
            print(f"-- {name}: {error}")
            continue
        done.append(row)
        print(f"{'==' if row.agrees else '!='} {name} ({row.seconds:.1f} s)")
        print(f"     predicted {told(row.predicted)}\n     observed  {told(row.observed)}", flush=True)
    return count(done)


def count(done: list[Row]) -> int:
    """Print the rates."""
    imports = [row for row in done if row.is_import_fault]
    agreed = sum(row.agrees for row in imports)
    print(f"agree: {sum(row.agrees for row in done)} of {len(done)}")
    print(f"agree where the real start stops at an import or at the entry point: {agreed} of {len(imports)}")
    return 0 if agreed * 10 >= len(imports) * 9 else 1


if __name__ == "__main__":
    sys.exit(main())
