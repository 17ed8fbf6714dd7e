"""The correct service `todos` passes, in every way that it can be reached."""

from __future__ import annotations

import os
import random
import socket
import sys
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from seatrial.verification import session as sessions
from seatrial.verification.probe import Verdict
from tests.verification import faults_of_todos as faults
from tests.verification.planting import Fault
from tests.verification.serving import Papers, papers, served, served_http2
from tests.verification.trials import at, found, hooks, options, todos, trouble, verify


def test_correct_service_passes(tmp_path: Path) -> None:
    app = todos(tmp_path)
    with at(app) as url:
        run = verify(url, hooks(app, options(app, tmp_path)))
    assert trouble(run) == []
    assert found(run, "health.outage").verdict is Verdict.PASS
    assert [it.probe.id for it in run.results if it.verdict is Verdict.INCONCLUSIVE] == []
    assert run.requests <= 160 + 2 * 12


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Papers:
    """Papers for this machine that the run trusts."""
    made = papers(tmp_path / "papers")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
    return made


@pytest.mark.parametrize("speaks", [served, served_http2], ids=["HTTP/1.1", "HTTP/2"])
def test_correct_service_passes_over_tls(speaks: object, trusted: Papers, tmp_path: Path) -> None:
    app = todos(tmp_path, secure=True)
    assert callable(speaks)
    with speaks(app, trusted) as url:
        run = verify(url, options(app, tmp_path, "cors", "headers", "tls", "exposure", "methods", "limits.size"))
    assert trouble(run) == []
    assert found(run, "headers.strict-transport").verdict is Verdict.PASS
    assert found(run, "headers.cookies").verdict is Verdict.PASS
    assert found(run, "tls.versions").verdict is Verdict.PASS
    assert found(run, "tls.certificate").verdict is Verdict.PASS


@pytest.mark.parametrize("fault", faults.SECURE, ids=lambda it: f"{it.caught_by}: {it.name}")
def test_fault_behind_tls_is_caught(fault: Fault, trusted: Papers, tmp_path: Path) -> None:
    app = todos(tmp_path, fault.plants, secure=True)
    with at(app, trusted) as url:
        run = verify(url, options(app, tmp_path, fault.caught_by))
    assert found(run, fault.caught_by).verdict is Verdict.FAIL


def test_certificate_that_ends_soon_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    short = papers(tmp_path / "papers", days=3)
    monkeypatch.setenv("SSL_CERT_FILE", str(short.certificate))
    app = todos(tmp_path, secure=True)
    with at(app, short) as url:
        run = verify(url, options(app, tmp_path, "tls.certificate"))
    assert found(run, "tls.certificate").verdict is Verdict.FAIL


def test_old_tls_is_caught(trusted: Papers, tmp_path: Path) -> None:
    app = todos(tmp_path, secure=True)
    with served(app, trusted, old=True) as url:
        run = verify(url, options(app, tmp_path, "tls.versions"))
    assert found(run, "tls.versions").verdict is Verdict.FAIL


PRIVILEGED = pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0,
    reason="ports 80 and 443 of 127.0.0.0/8 take root on Linux",
)


def _own_address() -> str:
    """An address of this machine that nobody else uses, so that its ports 80 and 443 are free."""
    while True:
        host = f"127.{random.randrange(1, 255)}.{random.randrange(1, 255)}.{random.randrange(1, 255)}"
        with socket.socket() as trial:
            if trial.connect_ex((host, 443)) != 0:
                return host


@PRIVILEGED
@pytest.mark.parametrize("redirects", [True, False], ids=["redirected", "served in the clear"])
def test_request_in_the_clear(redirects: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from starlette.middleware.httpsredirect import HTTPSRedirectMiddleware

    host = _own_address()
    own = papers(tmp_path / "papers", host)
    monkeypatch.setenv("SSL_CERT_FILE", str(own.certificate))
    app = todos(tmp_path, secure=True)
    clear = HTTPSRedirectMiddleware(app) if redirects else app
    with served(app, own, (host, 443)) as _, served(clear, place=(host, 80)) as _:
        run = verify(f"https://{host}", options(app, tmp_path, "tls.redirect"))
    assert found(run, "tls.redirect").verdict is (Verdict.PASS if redirects else Verdict.FAIL)


@pytest.mark.parametrize("believed", [False, True], ids=["by account", "whoever is named"])
def test_limit_by_another_client(believed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "is_local", lambda _origin: False)  # this machine plays a remote one
    app = todos(tmp_path, faults.FORWARDED.plants if believed else ())
    with at(app) as url:
        run = verify(url, options(app, tmp_path, "limits.guessing", "limits.other-client"))
    assert found(run, "limits.other-client").verdict is (Verdict.FAIL if believed else Verdict.PASS)


def test_limit_by_another_client_is_not_tried_on_this_machine(tmp_path: Path) -> None:
    app = todos(tmp_path)
    with at(app) as url:
        run = verify(url, options(app, tmp_path, "limits.other-client"))
    assert found(run, "limits.other-client").verdict is Verdict.SKIPPED


def test_cold_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from seatrial.verification.probes.start import cold

    monkeypatch.setattr(cold, "LONGEST_S", 1.0)
    app = todos(tmp_path, faults.ASLEEP.plants)
    with at(app) as url:
        run = verify(url, options(app, tmp_path, "start.cold"))
    assert found(run, "start.cold").verdict is Verdict.FAIL


def test_page_for_every_path_exposes_nothing(tmp_path: Path) -> None:
    """A front end's page that is served for whatever is asked is neither a file nor a console of the deployment."""
    app = todos(tmp_path)

    def page(_request: Request) -> Response:
        return HTMLResponse("<!doctype html><title>Todos</title><form>swagger-ui redoc admin password</form>")

    app.router.add_route("/{anything:path}", page, methods=["GET"])
    with at(app) as url:
        run = verify(url, options(app, tmp_path, "exposure"))
    assert trouble(run) == []
