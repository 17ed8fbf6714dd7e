"""The project's own Dockerfile: built by the real engine, looked into, run without a way out, and taken away again."""

from __future__ import annotations

import json
import posixpath
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seatrial.errors import UsageError
from seatrial.issue import Issue, Location, Severity
from seatrial.options import BuildOptions
from seatrial.project.dockerfile import read_dockerfile
from seatrial.project.files import Tree
from seatrial.proof.building import container
from seatrial.proof.building.blame import FULL, Mishap, images_made, mishap_in
from seatrial.proof.building.engine import Engine, cannot_be_had, find_engine, labelled
from seatrial.proof.building.running import Ran
from seatrial.proof.building.secrets import secrets_in
from seatrial.proof.building.values import (
    NO_HEALTH_CHECK,
    NO_IMAGE,
    ROOT_USER,
    Mark,
    Step,
)
from seatrial.proof.scratch import copy_to, look
from seatrial.provision import cache
from seatrial.simulation.gather import Facts

BUILD_SECONDS = 1800.0
_DECOY = "# a decoy of seatrial: the real file of this name would be in the image\n"


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """Where a Dockerfile is, and the folder it is built in; both relative to the audited folder.

    `line` is that of what the image starts, else of its last FROM.
    """

    path: str
    context: str
    line: int = 1

    @property
    def location(self) -> Location:
        """What the image starts."""
        return Location(self.path, self.line)


def find_dockerfile(tree: Tree, base: str) -> Dockerfile:
    """The backend's own Dockerfile, else the one of the audited folder. Raises UsageError where there is none."""
    for folder in dict.fromkeys((base, ".")):
        path = posixpath.normpath(posixpath.join(folder, "Dockerfile"))
        if (tree.root / path).is_file():
            return Dockerfile(path, folder, _started_at(_text(tree.root / path)))
    raise UsageError("--docker needs a Dockerfile, and there is none beside the backend; `seatrial prepare` writes one")


def _started_at(text: str) -> int:
    """The line of the last CMD, ENTRYPOINT or FROM, in this order of preference."""
    lines = {instruction.keyword: instruction.line for instruction in read_dockerfile(text)}
    last = lines.get("FROM", 1)
    return next((lines[it] for it in ("CMD", "ENTRYPOINT") if lines.get(it, 0) > last), last)


def check_image(
    facts: Facts, dockerfile: Dockerfile, options: BuildOptions, take: Callable[[str, Callable[[], Step]], Step]
) -> dict[str, int]:
    """Build, look into it, run it. `take` carries a stage out. Answers the image's size by name."""
    engine = find_engine()
    if isinstance(engine, str):
        missing = engine
        take("image", lambda: Step("image", Mark.INCONCLUSIVE, (missing,)))
        take("container", lambda: Step("container", Mark.SKIPPED, ("there is no image",)))
        return {}
    able: Engine = engine
    with _image_name(able) as (name, scraps):
        sizes: dict[str, int] = {}
        built = take("image", lambda: _built(able, name, facts, dockerfile, sizes, scraps))
        if built.mark in (Mark.FAIL, Mark.INCONCLUSIVE) and not sizes:
            take("container", lambda: Step("container", Mark.SKIPPED, ("there is no image",)))
        else:
            take("container", lambda: container.run_container(able, name, facts, dockerfile.location, options))
        return sizes


@contextmanager
def _image_name(engine: Engine) -> Iterator[tuple[str, list[str]]]:
    """A name for an image, and a list for those that are made on the way to it; all of them go at the end."""
    name = f"seatrial-build:{uuid.uuid4().hex[:12]}"
    scraps: list[str] = []
    try:
        yield name, scraps
    finally:
        engine.remove(("image", "rm", "--force", name), *(("image", "rm", scrap) for scrap in scraps))


def _built(
    engine: Engine, name: str, facts: Facts, dockerfile: Dockerfile, sizes: dict[str, int], scraps: list[str]
) -> Step:
    with cache.scratch() as work:
        context = work / "context"
        _laid(facts.tree.root / dockerfile.context, context)
        file = posixpath.relpath(dockerfile.path, dockerfile.context)
        words = ["build", "--tag", name, "--file", str(context / file), *labelled(), "--force-rm"]
        ran = engine.run(*words, str(context), seconds=BUILD_SECONDS, cwd=context)
    scraps += images_made(ran.output)
    if not ran.succeeded:
        return _not_built(ran, engine, dockerfile, facts.tree.root)
    said = json.loads(engine.run("image", "inspect", name).output)[0]
    sizes["image"] = int(said["Size"])
    evidence = [f"$ docker build --file {dockerfile.path} {dockerfile.context}  ({ran.seconds:.1f} s)"]
    evidence += _described(said, engine)
    issues = [*_looked_into(said, dockerfile), *secrets_in(engine, name, said, dockerfile.location)]
    wrong = any(issue.severity in (Severity.BLOCKER, Severity.ERROR) for issue in issues)
    evidence += [issue.problem for issue in issues]
    return Step("image", Mark.FAIL if wrong else Mark.PASS, tuple(evidence), tuple(issues))


def _laid(root: Path, context: Path) -> None:
    """The build context, with a decoy where a developer's own .env would be, and for each file of its kind."""
    scratch = look(root)
    copy_to(scratch, context)
    for path in dict.fromkeys((".env", *scratch.secrets)):
        if not (context / path).exists():
            (context / path).write_text(_DECOY, encoding="utf-8")


def _not_built(ran: Ran, engine: Engine, dockerfile: Dockerfile, root: Path) -> Step:
    mishap = mishap_in(ran.output, _text(root / dockerfile.path))
    missing = "" if mishap.instruction.startswith("RUN") else cannot_be_had(ran)
    if missing:
        return Step("image", Mark.INCONCLUSIVE, (f"an image that it builds from cannot be pulled here: {missing}",))
    if FULL in ran.output.lower():
        return Step("image", Mark.INCONCLUSIVE, ("The engine's disk is full: free some space there.",))
    if "requires buildkit" in ran.output.lower():
        return Step("image", Mark.INCONCLUSIVE, (f"{engine.program} lacks BuildKit: install docker's buildx plug-in",))
    if mishap.lost_index:
        said = (f"in `{mishap.instruction[:200]}`", mishap.lost_index[:400])
        return Step("image", Mark.INCONCLUSIVE, ("a package index cannot be reached from inside the build", *said))
    if ran.late:
        late = f"the image was not built within {ran.seconds:.0f} s, and the build was stopped"
        return Step("image", Mark.INCONCLUSIVE, (late, *mishap.said[-1:]))
    where = Location(dockerfile.path, mishap.line) if mishap.line else dockerfile.location
    return _failed(mishap, dockerfile, where, ran.code)


def _failed(mishap: Mishap, dockerfile: Dockerfile, where: Location, code: int) -> Step:
    problem, cause, way_out = f"The image of {dockerfile.path} does not build.", mishap.words, ""
    if mishap.instruction:
        problem = f"The image does not build: `{mishap.instruction[:120]}` fails."
    if mishap.absent:
        folder = "PATH" if dockerfile.context == "." else dockerfile.context
        problem = f"The image does not build: `{mishap.absent}` is not in its build context."
        cause = f"It is built in {folder}, which does not hold it, or .dockerignore leaves it out: {mishap.words}"
        way_out = f"Name what is there, or build in the folder that holds `{mishap.absent}`."
    issue = NO_IMAGE.issue(where, problem, cause, (f"exit code {code}",), way_out)
    return Step("image", Mark.FAIL, (problem, mishap.words), (issue,))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig", "replace").replace("\r\n", "\n")
    except OSError:
        return ""


def _described(said: Mapping[str, Any], engine: Engine) -> list[str]:
    config = said["Config"]
    check = " ".join((config.get("Healthcheck") or {}).get("Test") or ["none"])
    ports = ", ".join(sorted(config.get("ExposedPorts") or {})) or "none"
    command = [*(config.get("Entrypoint") or ()), *(config.get("Cmd") or ())]
    how = "BuildKit" if engine.buildkit else "the classic builder"
    layers = len(said["RootFS"].get("Layers") or ())
    return [
        f"{said['Size'] / 1e6:.0f} MB in {layers} layers, by engine {engine.version} and {how}",
        f"user {config.get('User') or 'root'}; health check: {check}; exposed: {ports}",
        f"starts {json.dumps(command)}",
    ]


def _looked_into(said: Mapping[str, Any], dockerfile: Dockerfile) -> list[Issue]:
    """What the image's configuration shows."""
    found = []
    config = said["Config"]
    if (config.get("User") or "root").split(":")[0] in ("root", "0"):
        cause = "Nothing in the Dockerfile names another user; whoever breaks into the server is root in the container."
        way_out = "Make a user in the Dockerfile and name it with USER; `seatrial prepare` writes such a Dockerfile."
        found.append(ROOT_USER.issue(dockerfile.location, "The image runs as root.", cause, (), way_out))
    if not (config.get("Healthcheck") or {}).get("Test"):
        cause = "Compose and plain Docker cannot tell a server that hangs from one that serves."
        way_out = "Add a HEALTHCHECK that asks the health route; Railway brings its own."
        found.append(NO_HEALTH_CHECK.issue(dockerfile.location, "The image has no health check.", cause, (), way_out))
    return found
