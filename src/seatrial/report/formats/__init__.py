"""The formats that results are told in: a folder for each kind of result, in it a file for each format.

A file that is put there is a format: nothing else has to know of it. Its function bears the name of what it tells
(`audit` and, for several backends at once, `audits`; `trial`, `build`, `verification`, `preparation`); it returns the
whole text and never prints.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seatrial.report.page import Page
    from seatrial.report.preparation import Preparation
    from seatrial.report.results import Audit, Build, Trial
    from seatrial.verification.results import Verification


def names(kind: str) -> tuple[str, ...]:
    """The formats of one kind of result, such as `audits`; `text` first."""
    files = os.listdir(os.path.join(os.path.dirname(__file__), kind))
    found = {name[:-3] for name in files if name.endswith(".py") and name != "__init__.py"}
    return ("text", *sorted(found - {"text"}))


def audit(name: str, results: Sequence[Audit], page: Page, several: bool = False) -> str:
    """The audit of one backend, or those of as many as there are when `several` were asked for."""
    module = _format("audits", name)
    text: str = module.audits(results, page) if several else module.audit(results[0], page)
    return text


def trial(name: str, result: Trial, page: Page) -> str:
    """The trial of one backend."""
    text: str = _format("trials", name).trial(result, page)
    return text


def build(name: str, result: Build, page: Page) -> str:
    """The build of one backend."""
    text: str = _format("builds", name).build(result, page)
    return text


def verification(name: str, result: Verification, page: Page) -> str:
    """One verification."""
    text: str = _format("verifications", name).verification(result, page)
    return text


def preparation(name: str, result: Preparation, page: Page, *, written: bool) -> str:
    """The papers of one backend; `written` says that the diff has been carried out."""
    text: str = _format("preparations", name).preparation(result, page, written=written)
    return text


def _format(kind: str, name: str) -> Any:
    return import_module(f"seatrial.report.formats.{kind}.{name}")
