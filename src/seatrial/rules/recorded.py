"""Whether the decision records of a project are in order: links that lead nowhere, and decisions without a record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from seatrial.issue import Location
from seatrial.project.configuration import Configuration
from seatrial.project.decisions import Decisions, Record, Reference
from seatrial.project.files import Tree
from seatrial.project.manifest.declared import Manifest, normalise

_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_SUPERSEDED = re.compile(r"supersede[sd](?: by)?\D*(\d{1,4})", re.IGNORECASE)
_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is not in order, and what to do."""

    location: Location
    text: str


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that a backend decides by using a distribution or a file; a record of it has one of the words."""

    name: str
    words: str
    distributions: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


TOPICS = (
    Topic(
        "how data is stored",
        r"database|postgres|sqlite|mysql|mongo|\borm\b|sqlalchemy|sqlmodel",
        _names("sqlalchemy sqlmodel tortoise-orm peewee pymongo motor beanie asyncpg psycopg psycopg2-binary"),
    ),
    Topic(
        "how users are known",
        r"\bauth|token|\bjwt|password|log ?in|session|identity",
        _names("pyjwt python-jose authlib fastapi-users passlib bcrypt argon2-cffi pwdlib fastapi-sso"),
    ),
    Topic("how the schema changes", r"migrat|alembic|schema", _names("alembic aerich yoyo-migrations")),
    Topic(
        "where it runs",
        r"deploy|railway|docker|container|platform|\bfly\b|render|vercel|heroku|procfile|kubernetes|host(?:ed|ing)",
        files=_names("Procfile Dockerfile railway.json railway.toml fly.toml render.yaml vercel.json nixpacks.toml"),
    ),
    Topic(
        "what runs in the background",
        r"background|queue|worker|celery|schedul",
        _names("celery arq rq dramatiq apscheduler taskiq"),
    ),
    Topic("what is cached", r"cach|redis|valkey", _names("redis fastapi-cache2 aiocache valkey")),
    Topic("how often one may ask", r"limit|throttl", _names("slowapi fastapi-limiter limits")),
)


def broken(decisions: Decisions, project: Path) -> tuple[Complaint, ...]:
    """Links that lead nowhere: out of the records, and from the code to them."""
    known = {record.number for record in decisions.records}
    found = [*_twice(decisions.records)]
    for record in decisions.records:
        found += [it for link in record.links if (it := _dead(link, decisions.root)) is not None]
        found += _gone(record, decisions.root, project)
        match = _SUPERSEDED.search(record.status)
        if match and int(match[1]) not in known:
            found.append(Complaint(Location(record.path, 1), f"it is superseded by {match[1]}, which is not there"))
    for mention in decisions.mentions:
        if mention.number not in known | decisions.above:
            text = f"it speaks of decision {mention.number:04d}, which is not in {decisions.folder}"
            found.append(Complaint(mention.location, text))
    return tuple(found)


def _twice(records: Sequence[Record]) -> Iterator[Complaint]:
    seen: dict[int, Record] = {}
    for record in records:
        first = seen.setdefault(record.number, record)
        if first is not record:
            yield Complaint(Location(record.path, 1), f"its number is that of {first.path}: give it the next free one")


def _dead(link: Reference, root: Path) -> Complaint | None:
    if _ELSEWHERE.match(link.target):
        return None
    path, _, anchor = link.target.partition("#")
    folder = (root / link.location.path).parent
    file = folder / unquote(path) if path else root / link.location.path
    if not file.exists():
        return Complaint(link.location, f"the link leads to {link.target}, which is not there")
    if anchor and file.suffix == ".md" and anchor not in _anchors(file.read_text("utf-8", "replace")):
        return Complaint(link.location, f"the link leads to {link.target}, and that page has no such heading")
    return None


def _anchors(text: str) -> frozenset[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = (match[1].lower() for match in _HEADING.finditer(text))
    return frozenset(re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles)


def _gone(record: Record, root: Path, project: Path) -> Iterator[Complaint]:
    for concern in record.concerns:
        if not any((place / concern.target).exists() for place in (root, project)):
            yield Complaint(concern.location, f"it concerns {concern.target}, which is not there")


def undecided(
    decisions: Decisions, tree: Tree, manifest: Manifest, configuration: Configuration
) -> tuple[Complaint, ...]:
    """What a backend shows to have been decided, where no record speaks of it."""
    said = "\n".join(f"{record.title}\n{record.text}" for record in decisions.records)
    found = []
    for topic in TOPICS:
        evidence = _evidence(topic, tree, manifest)
        if evidence is not None and not re.search(topic.words, said, re.IGNORECASE):
            text = f"{topic.name} was decided here, and no record says why: `seatrial adr new` makes one"
            found.append(Complaint(evidence, text))
    silenced = [*configuration.ignore, *(code for code, _ in configuration.severities)]
    for code in dict.fromkeys(silenced):
        if code not in said and configuration.path:
            text = f"{code} is judged otherwise in the whole project, and no record says why"
            found.append(Complaint(Location(configuration.path, 1), text))
    return tuple(found)


def _evidence(topic: Topic, tree: Tree, manifest: Manifest) -> Location | None:
    for requirement in manifest.requirements:
        if requirement.name and normalise(requirement.name) in topic.distributions:
            return requirement.location
    for path in tree.below(manifest.base):
        if PurePosixPath(path).name in topic.files:
            return Location(path, 1)
    return None
