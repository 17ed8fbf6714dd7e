"""The points of security and operation that a deployment is held to, and what this backend's code says of each."""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.artifacts.survey import DRAIN_S, Survey


@dataclass(frozen=True, slots=True)
class Point:
    """One point: what is asked for, whether it holds (None where this cannot tell), and what was found."""

    what: str
    holds: bool | None
    said: str


def points(survey: Survey) -> list[Point]:
    """All of them, those about secrets first."""
    return [*_secrets(survey), *_edge(survey), *_data(survey), *_operation(survey)]


def _secrets(survey: Survey) -> list[Point]:
    weak = ", ".join(f"`{name}`" for name in survey.edge.weak)
    locked, hashed = survey.install.locked, survey.install.hashed
    return [
        Point(
            "No secret has a value in the code",
            not weak,
            f"the code has its own value for {weak}: whoever reads it knows the secret" if weak else "none has",
        ),
        Point("`.env` stays out of repository and image", True, "`.gitignore` and `.dockerignore` say so"),
        Point(
            "What is installed is fixed, and checked against hashes",
            locked and hashed,
            "by hash" if hashed else "versions only" if locked else f"`{survey.install.first}` fixes too little",
        ),
    ]


def _edge(survey: Survey) -> list[Point]:
    edge = survey.edge
    said = {
        "none": "no CORS middleware: browsers of another origin are refused",
        "any": "every origin is allowed: name those of your front end",
        "listed": "origins are listed",
    }
    return [
        Point("CORS allows the front end and nobody else", edge.cors != "any", said[edge.cors]),
        Point("Interactive documentation is off in production", edge.docs, _decided(edge.docs, "on for everyone")),
        Point("Security headers are set", edge.headers, _decided(edge.headers, "none is set")),
        Point("Requests are limited in number", edge.limits, _decided(edge.limits, "no limit is set")),
    ]


def _decided(holds: bool, otherwise: str) -> str:
    return "the code decides it" if holds else otherwise


def _data(survey: Survey) -> list[Point]:
    data = survey.data
    if data.engine != "postgresql":
        return []
    found = [
        Point("Connections are checked before use", data.pre_ping, _decided(data.pre_ping, "no `pool_pre_ping`")),
        Point("Connections are renewed in time", data.recycle, _decided(data.recycle, "no `pool_recycle`")),
    ]
    if data.asyncpg:
        said = _decided(data.caches_off, "set `statement_cache_size` to 0 behind a pool by transaction")
        found.append(Point("Prepared statements survive a pooled endpoint", data.caches_off, said))
    return found


def _operation(survey: Survey) -> list[Point]:
    health = f"`{survey.health}`" if survey.health else "there is no such route"
    return [Point("A health route answers", bool(survey.health), health), *_container(survey)]


def _container(survey: Survey) -> list[Point]:
    """What the Dockerfile or the Procfile decides; of a person's own only a start can tell."""
    drained = f"SIGTERM reaches the server, which takes {DRAIN_S} s at most"
    root = "user 10001" if survey.image else "as Railpack has it"
    found = [
        Point("The server listens on the platform's port", True, "`0.0.0.0:$PORT`"),
        Point("Requests in flight are finished", True, drained),
        Point("The container is not root", survey.image, root),
    ]
    if survey.by_hand == "Dockerfile":
        said = "the Dockerfile is your own: `seatrial build --docker` tries it"
        return [Point(it.what, None, said) for it in found]
    if survey.by_hand == "Procfile":
        said = "the Procfile is your own: `seatrial build --as railway` tries it"
        return [*(Point(it.what, None, said) for it in found[:2]), found[2]]
    return found
