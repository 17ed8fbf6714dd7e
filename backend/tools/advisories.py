#!/usr/bin/env python3
"""Looks up known vulnerabilities of what requirements.txt pins, by pip-audit: `python tools/advisories.py`.

Two sources are asked in turn, the package index and OSV. Exits with 0 when every pinned release was looked up and
nothing is known of it, 1 when something is that ACCEPTED does not name, 3 when no source could be reached: then nothing
was looked up, which pip-audit by itself calls "No known vulnerabilities found".
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (("--vulnerability-service", "pypi"), ("--vulnerability-service", "osv"))
# Advisories that do not concern this service, each with the reason.
ACCEPTED: dict[str, str] = {}
CLEAN, VULNERABLE, UNREACHED = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Looked:
    """How many releases were looked up, and what is known of them: advisory -> name and version. `problem` says why
    none, or not all, were.
    """

    number: int
    found: dict[str, str]
    problem: str = ""


def look_up(requirements: Path, source: Sequence[str]) -> Looked:
    """Ask one source for every pinned release."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(requirements), "--require-hashes"]
    command += ["--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "10", *source]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - the words are its own
    try:
        entries = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return Looked(0, {}, last[:300])
    known = [entry for entry in entries if "vulns" in entry]
    found = {advisory["id"]: f"{entry['name']} {entry['version']}" for entry in known for advisory in entry["vulns"]}
    left = [entry for entry in entries if "vulns" not in entry]
    problem = f"{len(left)} of {len(entries)} could not be looked up: {left[0]['skip_reason']}" if left else ""
    return Looked(len(known), found, problem)


def main(words: Sequence[str]) -> int:
    """Ask until a source has answered for all; say what it said. `words` name another source, as pip-audit takes it."""
    for source in [words] if words else SOURCES:
        looked = look_up(ROOT / "requirements.txt", source)
        fresh = {name: where for name, where in looked.found.items() if name not in ACCEPTED}
        for name, where in fresh.items():
            sys.stdout.write(f"{where}: {name}\n")
        if fresh:
            return VULNERABLE
        if not looked.problem and looked.number:
            accepted = f", {len(looked.found)} accepted" if looked.found else ""
            sys.stdout.write(f"{looked.number} releases looked up at {source[-1]}: nothing is known{accepted}.\n")
            return CLEAN
        sys.stdout.write(f"{source[-1]}: {looked.problem or 'nothing to look up'}\n")
    sys.stdout.write("NOT LOOKED UP: no source of advisories can be reached from here.\n")
    return UNREACHED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
