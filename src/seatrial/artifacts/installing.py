"""What a deployment installs, as the papers say it."""

from __future__ import annotations

import posixpath
import re

from seatrial.artifacts.survey import Install
from seatrial.errors import UsageError
from seatrial.project.documents import Documents
from seatrial.project.manifest.declared import Document, Manifest, Requirement

# What some distributions need of Debian: to be built where no wheel is to be had, and to run.
_BUILD = {
    "psycopg2": ("build-essential", "libpq-dev"),
    "mysqlclient": ("build-essential", "default-libmysqlclient-dev", "pkg-config"),
}
_RUN = {
    "psycopg2": ("libpq5",),
    "mysqlclient": ("libmariadb3",),
    "python-magic": ("libmagic1",),
    "weasyprint": ("libpango-1.0-0", "libpangoft2-1.0-0"),
    "opencv-python": ("libgl1", "libglib2.0-0"),
}
_LOCKED = ("uv", "poetry", "pdm", "pipenv")

UV = "uv>=0.8,<1"
TOOLS = {"uv": UV, "poetry": "poetry>=2,<3", "pdm": "pdm[locked]>=2.20,<3", "pipenv": "pipenv>=2024"}
"""What pip is told to install, by tool: releases that know the options which the papers use. pdm comes with the
releases of its own dependencies that it was tried with: it breaks with newer ones."""


def install_of(manifest: Manifest, documents: Documents, home: str) -> Install:
    """Raises UsageError where nothing is declared, or by a tool that these papers do not know."""
    chosen = manifest.installation
    if chosen is None:
        raise UsageError("nothing declares what the backend needs: `seatrial audit` writes a requirements.txt for it")
    if chosen.tool == "conda":
        raise UsageError(
            "papers for conda are not written: declare what is needed in requirements.txt or pyproject.toml"
        )
    lock = manifest.lock
    tool = chosen.tool if lock is not None or chosen.tool in ("pip", "poetry", "pipenv") else "pip"
    read = {path for document in manifest.installed for path in (document.path, *document.includes)}
    files = tuple(sorted(posixpath.relpath(path, home) for path in {*chosen.files, *read}))
    first = posixpath.relpath(chosen.files[0], home)
    if posixpath.basename(first) in ("setup.py", "setup.cfg"):
        first = "."
    needed = manifest.requirements
    hashed = (tool in _LOCKED and lock is not None) or (bool(needed) and all(it.hashes for it in needed if it.name))
    return Install(
        tool=tool,
        files=files,
        first=first,
        hashed=hashed,
        locked=lock is not None or hashed,
        whole=first == "." or any(requirement.source == "path" for requirement in needed),
        options=_options(tool, chosen.extras, chosen.groups),
        build=_packages(_BUILD, needed, git=True),
        run=_packages(_RUN, needed, git=False),
        tests=next((posixpath.relpath(it.path, home) for it in manifest.documents if _is_for_tests(it)), ""),
        has_pytest=any(_has_pytest(document, tool) for document in manifest.installed),
    )


def _options(tool: str, extras: tuple[str, ...], groups: tuple[str, ...]) -> str:
    """The extras and groups that the deployment adds, as each tool wants to be told."""
    names = {
        "uv": ("--extra", "--group"),
        "poetry": ("--extras", "--with"),
        "pdm": ("-G", "-G"),
        "pip": ("--extra", ""),
    }
    extra, group = names.get(tool, ("", ""))
    found = [f"{extra} {name}" for name in extras if extra and name != "*"]
    found += [f"{group} {name}" for name in groups if group and name != "*"]
    return "".join(f" {option}" for option in found)


def _packages(table: dict[str, tuple[str, ...]], needed: tuple[Requirement, ...], *, git: bool) -> tuple[str, ...]:
    found = [package for it in needed for package in table.get(it.key, ())]
    if table is _RUN and any(it.key == "psycopg" and not {"binary", "c"} & set(it.extras) for it in needed):
        binary = any(it.key == "psycopg-binary" for it in needed)
        found += [] if binary else ["libpq5"]
    if git and any(it.source == "vcs" for it in needed):
        found.append("git")
    return tuple(sorted(dict.fromkeys(found)))


def _is_for_tests(document: Document) -> bool:
    """A requirements file of its own for tests or development, with everything that they need."""
    named = re.search(r"(?:dev|test)", document.path.rpartition("requirements")[2] + document.path.partition("req")[0])
    return (
        document.kind == "requirements"
        and named is not None
        and any(it.key == "pytest" for it in document.requirements)
    )


def _has_pytest(document: Document, tool: str) -> bool:
    """Whether the tool's own installation for development brings it."""
    found = [it for it in document.requirements if it.key == "pytest"]
    return any(it.is_main for it in found) or (tool in _LOCKED and any(it.group in ("dev", "default") for it in found))
