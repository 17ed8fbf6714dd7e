"""The service keeps to its OpenAPI document, whatever it is sent: schemathesis makes the requests."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.parts.people import Person
from tests.parts.service import OPERATOR, ROOT, Service

CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
    "response_headers_conformance,negative_data_rejection,missing_required_header,unsupported_method,ignored_auth,"
    "use_after_free"
)


@pytest.fixture
def document(mailing: Service, tmp_path: Path) -> Path:
    path = tmp_path / "openapi.json"
    answer = httpx.get(f"{mailing.url}/openapi.json", headers={"Authorization": f"Bearer {OPERATOR}"})
    path.write_text(answer.text)
    return path


def schemathesis(document: Path, person: Person, *options: str, examples: int) -> subprocess.CompletedProcess[str]:
    # Deleting the account, its password or its session would end the run; they have tests of their own.
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(document), "--url", str(person.client.base_url)]
    command += ["--header", f"Authorization: {person.client.headers['authorization']}", "--checks", CHECKS]
    command += ["--max-examples", str(examples), "--seed", "1", "--generation-deterministic", "--no-color"]
    for path in ("/auth/me", "/auth/logout", "/auth/password"):
        command += ["--exclude-path", path]
    return subprocess.run([*command, *options], capture_output=True, text=True, cwd=ROOT, timeout=600)


def test_the_service_keeps_its_contract(document: Path, mailing: Service) -> None:
    run = schemathesis(document, Person(mailing.url), examples=15)
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]


@pytest.mark.nightly
def test_the_service_keeps_its_contract_for_long(document: Path, mailing: Service) -> None:
    run = schemathesis(document, Person(mailing.url), examples=300)
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]


def test_every_route_says_what_it_answers(document: Path) -> None:
    paths = json.loads(document.read_text())["paths"]
    operations = {(method, path): operation for path, item in paths.items() for method, operation in item.items()}
    assert len(operations) == 17
    for (method, path), operation in operations.items():
        assert operation["summary"], (method, path)
        if not path.startswith("/health"):
            assert {"429", "503"} <= set(operation["responses"]), (method, path)
        if operation.get("security"):
            assert "401" in operation["responses"], (method, path)
