"""Hold the audit's fixes against real starts: of the backends that can be mended, how many serve after `seatrial boot`.

    python -m tools.compare_fixes DATA.jsonl CHECKOUTS [--only SUBSTRING] [--all] [--timeout SECONDS]

DATA.jsonl names backends (`repo`, `backend_dir`, `python`, `boots_after_fixes`), CHECKOUTS holds `<owner>__<name>`
folders. Each backend known to serve once mended (with `--all`: each backend) is started as `seatrial boot` does,
under its documented environment. Exit 0 where at least nine of ten serve.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seatrial.boot import Boot, Outcome
from seatrial.errors import UsageError
from seatrial.options import BootOptions
from seatrial.pipeline import boot
from tools.compare_boots import told


@dataclass(frozen=True, slots=True)
class Row:
    """One backend of the list."""

    number: int
    name: str
    path: Path
    python: str | None


def rows(data: Path, checkouts: Path, only: str, *, every: bool) -> Iterator[Row]:
    """The backends of the list that are checked out and serve once mended."""
    for number, line in enumerate(data.read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        path = checkouts / row["repo"].replace("/", "__") / row["backend_dir"]
        name = f"{row['repo']} [{row['backend_dir']}]"
        if only in name and path.is_dir() and (every or row.get("boots_after_fixes")):
            yield Row(number, name, path, row.get("python"))


def mend(row: Row, timeout_s: float) -> bool:
    """Start, mend, start again, and say how it went. The result is whether it serves in the end."""
    try:
        trial = boot(row.path, BootOptions(python=row.python, timeout_s=timeout_s))
    except UsageError as error:
        print(f"-- {row.number} {row.name}: {error}", flush=True)
        return False
    serves = trial.after.outcome is Outcome.SERVES
    applied = " ".join(step.code for step in trial.steps) or "as it stands"
    print(f"{'ok' if serves else '!!'} {row.number} {row.name} ({trial.duration_s:.0f} s): {applied}", flush=True)
    if not serves:
        _tell_failure(trial.before, trial.after)
    return serves


def _tell_failure(before: Boot, after: Boot) -> None:
    print(f"     before {told(before)}\n     after  {told(after)}", flush=True)


def main() -> int:
    """Mend, print, count; 0 when at least nine of ten serve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("checkouts", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--all", action="store_true", help="also those that are not known to serve once mended")
    parser.add_argument("--timeout", type=float, default=60.0, help="for one start, in seconds")
    options = parser.parse_args()
    done = [
        mend(row, options.timeout) for row in rows(options.data, options.checkouts, options.only, every=options.all)
    ]
    print(f"serve after their fixes: {sum(done)} of {len(done)}")
    return 0 if sum(done) * 10 >= len(done) * 9 else 1


if __name__ == "__main__":
    sys.exit(main())
