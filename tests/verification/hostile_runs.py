"""A process that runs `verify` against every hostile server at once, and tells how it went: what it said, how long it
took, whether another host was asked, and how much memory the whole process came to.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from seatrial.errors import UsageError
from seatrial.options import VerifyOptions
from seatrial.report import formats
from seatrial.report.page import Page
from seatrial.verification.probe import Verdict
from seatrial.verification.run import verify
from tests.verification import hostile
from tests.verification.hostile_http2 import HTTP2
from tests.verification.serving import Papers, papers

SECONDS = 20.0
BROKEN_TLS: dict[str, Callable[..., None]] = {
    "no_handshake": hostile.no_handshake,
    "cut_handshake": hostile.cut_handshake,
    "silent_handshake": hostile.silent_handshake,
}
STRANGERS = ("papers of nobody", "papers of another host")


def main() -> None:
    """Run them all, and print what came of it as JSON."""
    place = Path(tempfile.mkdtemp(dir=sys.argv[1]))
    own, other = papers(place / "own"), papers(place / "other", "elsewhere.example")
    trusted = papers(place / "trusted")
    bundle = place / "bundle.pem"
    bundle.write_text(other.certificate.read_text() + trusted.certificate.read_text())
    os.environ["SSL_CERT_FILE"] = str(bundle)
    jobs: list[tuple[str, hostile.Conduct, Papers | None, bool]] = [
        (name, conduct, None, False) for name, conduct in hostile.CONDUCTS.items()
    ]
    jobs += [(name, conduct, trusted, False) for name, conduct in HTTP2.items()]
    jobs += [(name, conduct, None, True) for name, conduct in BROKEN_TLS.items()]
    jobs += [(STRANGERS[0], hostile.html_for_json, own, False), (STRANGERS[1], hostile.html_for_json, other, False)]
    with ThreadPoolExecutor(len(jobs)) as pool:
        told = dict(pool.map(lambda job: _run(place, *job), jobs))
    sys.stdout.write(json.dumps({"runs": told, "most_mb": _most_mb()}))
    sys.stdout.flush()
    os._exit(0)  # servers that never stop sending are not waited for


def _most_mb() -> float:
    """The most memory that this process held, in MB. (`ru_maxrss` begins at what the parent held when it forked.)"""
    status = Path("/proc/self/status").read_text()
    match = re.search(r"^VmHWM:\s*(\d+) kB$", status, re.MULTILINE)
    assert match is not None
    return int(match[1]) / 1024


def _run(
    place: Path, name: str, conduct: hostile.Conduct, tls: Papers | None, secure: bool
) -> tuple[str, dict[str, Any]]:
    with hostile.hostile(conduct, tls, ("h2",) if name in HTTP2 else ("http/1.1",)) as server:
        url = server.url.replace("http:", "https:") if secure else server.url
        options = VerifyOptions(frontend="https://app.example.com", journals=place / name, seconds=SECONDS)
        began = time.monotonic()
        try:
            run = verify(url, options)
            said, verdicts = formats.verification("text", run, Page()), [it.verdict.value for it in run.results]
            stumbled = [it.reason for it in run.results if "mistake" in it.reason]
            passed = [it.probe.id for it in run.results if it.verdict is Verdict.PASS]
        except UsageError as error:
            said, verdicts, stumbled, passed = str(error), ["usage"], [], []
        took = time.monotonic() - began
        return name, {
            "seconds": took,
            "said": said,
            "verdicts": verdicts,
            "stumbled": stumbled,
            "passed": passed,
            "asked": server.asked,
            "elsewhere": server.asked_elsewhere,
        }


if __name__ == "__main__":
    main()
