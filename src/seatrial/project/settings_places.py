"""Which example is followed, and to which dotenv files it is copied."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seatrial.project import dotenv
from seatrial.project.documents import Documents
from seatrial.project.launch.targets import Target
from seatrial.project.settings_facts import DotenvUse, Overrides, Settings
from seatrial.project.settings_templates import EnvFile, copied_name, find_templates

_APART = re.compile(
    r"(?:^|/)(?:tests?|alembic|migrations?|scripts|examples?|docs|\.[^/]+)/|(?:^|/)(?:test_[^/]*|conftest|setup|noxfile)\.py$"
)


def is_apart(path: str) -> bool:
    """Whether a Python file is no part of what is served: tests, migrations, scripts."""
    return _APART.search(path) is not None


@dataclass(frozen=True, slots=True)
class Template:
    """The example that is followed: its path and text ("" and "" without one)."""

    path: str
    text: str
    given: bool = False


def choose_template(documents: Documents, base: str, overrides: Overrides) -> Template:
    """The file of `--env-file`, else the nearest example that sets something."""
    if overrides.env_file is not None:
        content, given = overrides.env_file
        return Template(given, content.replace("\r\n", "\n"), given=True)
    for path in find_templates(documents, base):
        text = documents.text(path)
        if text and dotenv.parse(text):
            return Template(path, text)
    return Template("", "")


@dataclass(frozen=True, slots=True)
class Places:
    """The dotenv files that are put in place: path -> text as committed ("" for a new one); and who reads them."""

    texts: Mapping[str, str]
    copies: tuple[str, ...]  # where the template is copied to
    read: tuple[str, ...]  # committed files that the code reads, or that lie where it would be started
    into_environ: bool

    def is_read(self, path: str) -> bool:
        """Whether the start looks into this dotenv file; others lie beside it for some other purpose."""
        return path in self.read or path in self.copies


def choose_places(
    documents: Documents,
    base: str,
    target: Target | None,
    settings: Settings,
    template: Template,
    files: Sequence[EnvFile],
    overrides: Overrides,
) -> Places:
    """Where the template is copied to: the files that the code looks for, or the usual place."""
    uses = [use for use in settings.dotenv if not is_apart(use.location.path)]
    cwd = target.cwd if target is not None and not target.outside else base
    texts = {file.path: documents.text(file.path) or "" for file in files if file.tracked is not False}
    loaded = target.env_files if target is not None else ()
    wanted = [_candidates(use, cwd, documents) for use in uses]
    wanted += [[path] for name in loaded if (path := documents.normal(posixpath.join(cwd, name)))]
    copies: list[str] = []
    if wanted and template.path:
        own = _own_place(template, base, documents)
        copies = [own] if any(own in paths for paths in wanted) else []
        for paths in wanted:
            if paths and not any(path in copies or path in texts for path in paths):
                copies.append(next((path for path in paths if posixpath.basename(path) == ".env"), paths[0]))
        usual = posixpath.normpath(posixpath.join(base, ".env"))
        if template.given and usual in texts and usual not in copies:
            copies.append(usual)
        elif not copies:
            copies = [path for path in texts if any(path in paths for paths in wanted)][:1]
    into_environ = bool(loaded) or any(use.into_environ for use in uses)
    looked = {path for paths in wanted for path in paths} | {posixpath.normpath(posixpath.join(cwd, ".env"))}
    read = tuple(path for path in texts if path in looked)
    return Places(texts, tuple(dict.fromkeys(copies)), read, into_environ)


def _own_place(template: Template, base: str, documents: Documents) -> str:
    folder = posixpath.dirname(template.path) or "."
    if template.given or not documents.within(folder):
        return posixpath.normpath(posixpath.join(base, ".env"))
    return posixpath.normpath(posixpath.join(folder, copied_name(template.path)))


def _candidates(use: DotenvUse, cwd: str, documents: Documents) -> list[str]:
    """Where a reader would find its file, nearest first; only places within the audited folder."""
    found = [documents.normal(posixpath.join(cwd, name)) for name in use.from_cwd]
    found += [documents.normal(path) for path in use.paths]
    for start in use.upward:
        found += [documents.normal(posixpath.join(folder, ".env")) for folder in documents.folders(start)]
    if not (use.from_cwd or use.paths or use.upward):  # a path that only running the code would tell
        found = [documents.normal(posixpath.join(cwd, ".env"))]
    inside = [path for path in found if path is not None and documents.within(path)]
    # searched upwards, the working directory is where people put it
    beside = posixpath.normpath(posixpath.join(cwd, ".env"))
    return sorted(inside, key=lambda path: path != beside) if use.upward else inside
