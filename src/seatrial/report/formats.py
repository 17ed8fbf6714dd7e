"""The formats that a result can be told in: one file of this folder each, loaded when it is asked for.

A format's file has a function for each kind of result: `audit(result, page)`, `audits(results, page)` for several
backends at once, `trial(result, page)`, `verification(result, page)`. They return the whole text and never print.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seatrial.report.page import Page
    from seatrial.report.results import Audit, Build, Trial
    from seatrial.verification.results import Verification

AUDIT = ("text", "json", "sarif", "github", "markdown", "junit", "html")
TRIAL = ("text", "json")
BUILD = {"text": "text_build", "json": "json_build"}
VERIFICATION = {
    "text": "text_verify",
    "json": "json_verify",
    "junit": "junit_verify",
    "sarif": "sarif_verify",
    "markdown": "markdown_verify",
    "html": "html_verify",
}


def audit(name: str, results: Sequence[Audit], page: Page, several: bool = False) -> str:
    """The audit of one backend, or those of as many as there are when `several` were asked for."""
    module = import_module(f"seatrial.report.{name}")
    text: str = module.audits(results, page) if several else module.audit(results[0], page)
    return text


def trial(name: str, result: Trial, page: Page) -> str:
    """The trial of one backend."""
    text: str = import_module(f"seatrial.report.{name}").trial(result, page)
    return text


def build(name: str, result: Build, page: Page) -> str:
    """The build of one backend."""
    text: str = import_module(f"seatrial.report.{BUILD[name]}").build(result, page)
    return text


def verification(name: str, result: Verification, page: Page) -> str:
    """One verification."""
    text: str = import_module(f"seatrial.report.{VERIFICATION[name]}").verification(result, page)
    return text
