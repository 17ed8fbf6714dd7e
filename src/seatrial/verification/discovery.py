"""Finds out what the service offers: from its live schema, a file, the application itself, its source, or by asking."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import yaml

from seatrial.errors import UsageError
from seatrial.options import VerifyOptions
from seatrial.verification.api import Api, Operation
from seatrial.verification.choosing import choose_accounts, choose_health, choose_resources
from seatrial.verification.client import Client
from seatrial.verification.guessing import guess_accounts, guess_health, guess_resource
from seatrial.verification.openapi import is_schema, read_operations, title_of
from seatrial.verification.probe import Unclear

LIVE = ("/openapi.json", "/api/openapi.json", "/api/v1/openapi.json")
_EXPORT_S = 60.0  # for the import of the application
_EXPORT = """
import importlib, json, sys
sys.path.insert(0, ".")
module, _, name = sys.argv[1].partition(":")
app = importlib.import_module(module)
for part in (name or "app").split("."):
    app = getattr(app, part)
app = app() if not hasattr(app, "openapi") and callable(app) else app
print("\\n" + json.dumps(app.openapi()))
"""


def discover(client: Client, options: VerifyOptions, routes: Sequence[Operation] = ()) -> Api:
    """What is known of the service. `routes` are those of its source, where `--project` names it.

    Raises UsageError for a file or an application that cannot be read.
    """
    document, source = _given(options) or _live(client) or ({}, "")
    if document:
        return _known(client, read_operations(document), source, title_of(document))
    return _known(client, tuple(routes), "its source" if routes else "what it answers to usual paths", "")


def _known(client: Client, operations: tuple[Operation, ...], source: str, title: str) -> Api:
    accounts, health = choose_accounts(operations), choose_health(operations)
    resources = choose_resources(operations)
    api = Api(source, operations, next(iter(resources), None), accounts, health, title, resources[1:])
    if not api.health:
        api = replace(api, health=guess_health(client))
    if not operations or (accounts.login is None and accounts.signup is None):
        api = replace(api, accounts=guess_accounts(client, accounts, told=bool(operations)))
    return api if api.resource else replace(api, resource=guess_resource(client, operations))


def _given(options: VerifyOptions) -> tuple[Mapping[str, object], str] | None:
    if options.openapi:
        return _parsed(_read(options.openapi), str(options.openapi)), str(options.openapi)
    if options.app:
        folder = options.project or Path()
        return _parsed(_exported(options.app, folder, options.python), options.app), f"the schema of {options.app}"
    return None


def _live(client: Client) -> tuple[Mapping[str, object], str] | None:
    for path in LIVE:
        try:
            exchange = client.send("GET", path, note="looks for the schema")
        except Unclear:
            return None
        document = exchange.answer.json
        if exchange.good and is_schema(document):
            assert isinstance(document, dict)
            return document, f"its live schema at {path}"
    return None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot read the schema {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"cannot read the schema {path}: it is not text") from None


def _parsed(text: str, name: str) -> Mapping[str, object]:
    try:
        document = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError):
        document = None
    if not is_schema(document):
        raise UsageError(f"{name} holds no OpenAPI document")
    assert isinstance(document, dict)
    return document


def _exported(app: str, folder: Path, python: str | None) -> str:
    """The schema as the application itself tells it, asked in a child process. Raises UsageError."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [python or sys.executable, "-c", _EXPORT, app]
    try:
        child = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=_EXPORT_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"{app} was not imported within {_EXPORT_S:.0f} s; give the schema with --openapi") from None
    except OSError as error:
        raise UsageError(f"cannot run {command[0]} in {folder}: {error.strerror or error}") from None
    if child.returncode:
        said = (child.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise UsageError(f"{app} does not tell its schema: {said}")
    return child.stdout.rstrip().rpartition("\n")[2]
