"""Decision records (ADRs) of a project: what each says, which code it concerns, and where code speaks of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from seatrial.issue import Location, NotAnalysed
from seatrial.project.files import Source, read

FOLDERS = ("history/adr", "docs/adr", "docs/decisions", "doc/adr", "adr")
"""Where projects keep their records, the first that is there; a new one begins with the first of all."""

_NAME = re.compile(r"(?:adr[-_]?)?(\d{1,4})[-_.].+\.md", re.IGNORECASE)
_TITLE = re.compile(r"^#\s+(?:ADR[- ]?)?\d*[.:\s]*(?P<title>.+?)\s*$", re.MULTILINE)
_FIELD = re.compile(r"^[-*]?\s*\**(?P<name>Date|Status|Concerns)\**\s*:\**\s*(?P<value>.+?)\s*$", re.MULTILINE | re.I)
_HEADING_STATUS = re.compile(r"^##\s+Status\s*\n+\s*(?P<value>\S.*)$", re.MULTILINE)
_LINK = re.compile(r"\[[^\]\n]*\]\((?P<target>[^)\s]+)\)")
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_MENTION = re.compile(r"\bADR[- ]?(?P<plain>\d{3,4})\b|\badr/(?P<path>\d{3,4})\b")
_TALKING = frozenset({".py", ".toml", ".yml", ".yaml", ".md", ".cfg", ".ini", ".sh", ".js", ".ts", ".tsx", ".html", ""})
_MAX_BYTES = 400_000


@dataclass(frozen=True, slots=True)
class Reference:
    """A link or a path in a record, with its place."""

    target: str
    location: Location


@dataclass(frozen=True, slots=True)
class Record:
    """One decision. `concerns` are paths of the project that it says it is about."""

    number: int
    title: str
    path: str
    date: str
    status: str
    links: tuple[Reference, ...]
    concerns: tuple[Reference, ...]
    text: str

    @property
    def label(self) -> str:
        """As people write it, `0012`."""
        return f"{self.number:04d}"


@dataclass(frozen=True, slots=True)
class Mention:
    """A place outside the records that speaks of one."""

    number: int
    location: Location


@dataclass(frozen=True, slots=True)
class Decisions:
    """The records of a project in the order of their numbers, and who speaks of them.

    `folder` and the records' paths are relative to `root`, the places of mentions to the project. `above` are the
    numbers of the repository around it, where that keeps records of its own.
    """

    root: Path
    folder: str
    records: tuple[Record, ...]
    mentions: tuple[Mention, ...]
    above: frozenset[int] = frozenset()

    def mentioned_in(self, number: int) -> tuple[Location, ...]:
        """The places that speak of a record."""
        return tuple(mention.location for mention in self.mentions if mention.number == number)


def read_decisions(root: Path, files: tuple[str, ...]) -> Decisions:
    """The records of the project in `root`, or of the repository that it is part of.

    `files` are those of the project, which may speak of them.
    """
    project, root = root, _home(root)
    folder = next((it for it in FOLDERS if (root / it).is_dir()), FOLDERS[0])
    records = tuple(
        record for name in _names(root / folder) if (record := _record(root, f"{folder}/{name}")) is not None
    )
    mentions = tuple(mention for path in files if _may_talk(path, folder) for mention in _mentions(project, path))
    listed = tuple(sorted(records, key=lambda it: (it.number, it.path)))
    return Decisions(root, folder, listed, mentions, frozenset(_numbers_above(root)))


def _names(folder: Path) -> list[str]:
    return sorted(it.name for it in folder.iterdir()) if folder.is_dir() else []


def _numbers_above(root: Path) -> Iterator[int]:
    """The numbers of records in the repository around a project that has records of its own."""
    repository = next((it for it in (root, *root.parents) if (it / ".git").exists()), root)
    if repository != root:
        names = (name for folder in FOLDERS for name in _names(repository / folder))
        yield from (int(match[1]) for name in names if (match := _NAME.fullmatch(name)))


def _home(project: Path) -> Path:
    """The folder that holds the records: the project, or the nearest above it up to the repository's root."""
    resolved = project.resolve()
    for place in (resolved, *resolved.parents):
        if any((place / folder).is_dir() for folder in FOLDERS):
            return place
        if (place / ".git").exists():
            break
    return resolved


def _record(root: Path, path: str) -> Record | None:
    match = _NAME.fullmatch(PurePosixPath(path).name)
    source = read(root, path) if match else None
    if match is None or not isinstance(source, Source):
        return None
    text = source.text
    fields = {it["name"].lower(): it for it in reversed(list(_FIELD.finditer(text)))}
    title = _TITLE.search(text)
    heading = _HEADING_STATUS.search(text)
    status = fields["status"]["value"] if "status" in fields else heading["value"] if heading else ""
    return Record(
        number=int(match[1]),
        title=title["title"] if title else PurePosixPath(path).stem,
        path=path,
        date=fields["date"]["value"] if "date" in fields else "",
        status=status,
        links=tuple(_links(path, text)),
        concerns=tuple(_concerned(path, text, fields.get("concerns"))),
        text=text,
    )


def _links(path: str, text: str) -> Iterator[Reference]:
    bare = _FENCE.sub(lambda it: "\n" * it[0].count("\n"), text)
    for match in _LINK.finditer(bare):
        yield Reference(match["target"], Location(path, bare.count("\n", 0, match.start()) + 1))


def _concerned(path: str, text: str, field: re.Match[str] | None) -> Iterator[Reference]:
    if field is not None:
        line = text.count("\n", 0, field.start("value")) + 1
        for part in re.split(r"[,\s]+", field["value"].replace("`", " ")):
            if part:
                yield Reference(part.rstrip("/"), Location(path, line))


def _may_talk(path: str, folder: str) -> bool:
    return not path.startswith(f"{folder}/") and PurePosixPath(path).suffix.lower() in _TALKING


def _mentions(root: Path, path: str) -> Iterator[Mention]:
    try:
        if (root / path).stat().st_size > _MAX_BYTES:
            return
    except OSError:
        return
    source = read(root, path)
    if isinstance(source, NotAnalysed) or not isinstance(source, Source):
        return
    for match in _MENTION.finditer(source.text):
        yield Mention(
            int(match["plain"] or match["path"]), Location(path, source.text.count("\n", 0, match.start()) + 1)
        )
