"""Secrets in an image: in its variables, in its history, and in the files of its own layers."""

from __future__ import annotations

import json
import posixpath
import re
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

from seatrial.issue import Issue, Location
from seatrial.proof.building.engine import Engine
from seatrial.proof.building.values import SECRET_IN_IMAGE
from seatrial.provision import cache

_NAME = re.compile(r"(SECRET|PASSWORD|PASSWD|TOKEN|PRIVATE|CREDENTIAL|API_?KEY|ACCESS_KEY|_KEY$)", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"|change.?(me|this|it)|placeholder|dummy|example|build|none|test\w*|\$\{?\w+\}?", re.IGNORECASE
)
_FILE = re.compile(r"(^|/)(\.env(\.(?!example|sample|template|dist)[\w.-]+)?|id_(rsa|ed25519|ecdsa)|\.netrc|\.pypirc)$")
_SYSTEM = ("usr/", "lib/", "bin/", "sbin/", "var/lib/", "etc/ssl/", "proc/", "sys/")
_ARGUMENTS = re.compile(r"\|\d+ (.*?)/bin/sh")


def secrets_in(engine: Engine, name: str, said: Mapping[str, Any], where: Location) -> list[Issue]:
    """One issue for each secret of the image `name`, of which the engine says `said`."""
    found = [*_in_variables(said), *_in_history(engine, name), *_in_files(engine, name, said)]
    way_out = "Leave it out with .dockerignore and give it when the container starts, or use a build secret."
    return [SECRET_IN_IMAGE.issue(where, problem, cause, (), way_out) for problem, cause in found]


def _in_variables(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for item in said["Config"].get("Env") or ():
        variable, _, value = item.partition("=")
        if _NAME.search(variable) and not _PLACEHOLDER.fullmatch(value) and variable != "GPG_KEY":
            yield f"`{variable}` is set in the image.", "ENV stays in the image for whoever can pull it."


def _in_history(engine: Engine, name: str) -> Iterator[tuple[str, str]]:
    history = engine.run("history", "--no-trunc", "--format", "{{.CreatedBy}}", name).output
    arguments = " ".join(_ARGUMENTS.findall(history))
    for variable in sorted(set(re.findall(r"\b(\w+)=\S+", arguments))):
        if _NAME.search(variable):
            yield f"`{variable}` stands in the image's history.", "A build argument is kept with each layer."


def _in_files(engine: Engine, name: str, said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    cause = "`COPY` takes it along, as no .dockerignore leaves it out; a later `rm` does not take it out again."
    for path in _secret_files(engine, name, said):
        yield f"`{path}` is in a layer of the image.", cause


def _secret_files(engine: Engine, name: str, said: Mapping[str, Any]) -> list[str]:
    """Files of its own layers that hold secrets by their name; also those that a later layer hides."""
    base = _base_layers(engine, name)
    own = len(said["RootFS"].get("Layers") or ()) - base
    with tempfile.NamedTemporaryFile(dir=cache.cache_directory(), suffix=".tar") as archive:
        if not engine.run("save", "--output", archive.name, name, seconds=300).succeeded:
            return []
        with tarfile.open(archive.name) as opened:
            listed = opened.extractfile("manifest.json")
            layers = json.load(listed)[0]["Layers"][-own:] if listed is not None and own > 0 else []
            return sorted({path for layer in layers for path in _secret_names(opened, layer)})


def _secret_names(opened: tarfile.TarFile, layer: str) -> list[str]:
    file = opened.extractfile(layer)
    if file is None:
        return []
    with tarfile.open(fileobj=file, mode="r|*") as inner:
        names = [posixpath.normpath(member.name) for member in inner if member.isfile()]
    return [f"/{path}" for path in names if _FILE.search(path) and not path.startswith(_SYSTEM)]


def _base_layers(engine: Engine, name: str) -> int:
    """How many layers come from the image of the last FROM, where that is at hand and known by a name."""
    layers = json.loads(engine.run("image", "inspect", name).output)[0]["RootFS"].get("Layers") or []
    listed = engine.run("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").output.split()
    best = 0
    named = [image for image in listed if not image.startswith(("seatrial-build", "<none>")) and "<none>" not in image]
    for known in json.loads(engine.run("image", "inspect", *named[:60]).output or "[]") if named else []:
        theirs = known["RootFS"].get("Layers") or []
        if theirs and len(theirs) < len(layers) and layers[: len(theirs)] == theirs:
            best = max(best, len(theirs))
    return best
