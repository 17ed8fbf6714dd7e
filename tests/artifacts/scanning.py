"""Secrets in the layers of an image: every layer, also what a later one hides, by detect-secrets."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from pathlib import Path

# What looks like a secret and is none, by file: the reason. The tree's own list is in backend/tests/test_secrets.py.
ACCEPTED = {
    "app/.env.example": "a URL with `user:password`, to show the form",
    "app/scripts/prepare-deployment.sh": "the names of variables",
    "app/scripts/run_tests.py": "a URL with `user:password`, which is a placeholder",
}

# Passwords of servers that live as long as a test.
TESTS = "app/tests/"


def findings(image: str, place: Path) -> tuple[int, dict[str, list[str]]]:
    """How many files of the project the layers hold, and what is found in which of them."""
    archive = place / "image.tar"
    subprocess.run(["docker", "save", "--output", str(archive), image], check=True, capture_output=True)
    with tarfile.open(archive) as opened:
        manifest = opened.extractfile("manifest.json")
        assert manifest is not None
        for number, layer in enumerate(json.load(manifest)[0]["Layers"]):
            unpack(opened, layer, place / "layers" / str(number))
    archive.unlink()
    files = [path for path in (place / "layers").rglob("*") if path.is_file()]
    command = [sys.executable, "-m", "detect_secrets", "scan", "--no-verify", *map(str, files)]
    scan = subprocess.run(command, cwd=place, capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = {}
    for name, entries in json.loads(scan.stdout)["results"].items():
        path = Path(name).relative_to(place / "layers") if Path(name).is_absolute() else Path(name)
        told = "/".join(path.parts[path.parts.index("app") :])
        if told not in ACCEPTED and not told.startswith(TESTS):
            found[told] = [f"{entry['type']}, line {entry['line_number']}" for entry in entries]
    return len(files), found


def unpack(opened: tarfile.TarFile, layer: str, place: Path) -> None:
    """Of one layer what the project brought: all else is of the base image and of the packages."""
    file = opened.extractfile(layer)
    assert file is not None
    with tarfile.open(fileobj=file, mode="r|*") as inner:
        for member in inner:
            ours = member.isfile() and member.name.startswith("app/") and "/.wh." not in member.name
            content = inner.extractfile(member) if ours else None
            if content is not None:
                target = place / member.name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.read())
