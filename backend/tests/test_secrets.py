"""No secret is in the tree: detect-secrets looks, and each accepted finding has its reason here."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.parts.service import ROOT

# What is not a secret though it looks like one, by file: the reason.
ACCEPTED = {
    ".env.example": "a URL with `user:password`, to show the form",
    "scripts/prepare-deployment.sh": "the names of variables",
    "scripts/run_tests.py": "a URL with `user:password`, which is a placeholder",
}


def test_no_secret_is_in_the_tree() -> None:
    folders = ["src", "migrations", "benchmarks", "scripts", "deployment", "."]
    files = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    mine = [name for name in files.splitlines() if not name.startswith("tests/")]
    command = [sys.executable, "-m", "detect_secrets", "scan", *mine]
    scan = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = {name: entries for name, entries in json.loads(scan.stdout)["results"].items() if name not in ACCEPTED}
    assert {name: [(one["type"], one["line_number"]) for one in entries] for name, entries in found.items()} == {}
