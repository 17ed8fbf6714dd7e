"""The issues that a team knows of today, so that a check can fail for new ones only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.errors import UsageError
from seatrial.report.fingerprint import fingerprints

if TYPE_CHECKING:
    from seatrial.report import contract
    from seatrial.report.results import Audit

SCHEMA = "seatrial/baseline/1"


def text(audits: Sequence[Audit]) -> str:
    """A baseline with every issue of these audits, in an order that makes small diffs."""
    issues: list[contract.KnownDocument] = []
    for audit in audits:
        for index, fingerprint in fingerprints(audit.entries, audit.sources).items():
            issue = audit.entries[index].issue
            issues.append(
                {
                    "fingerprint": fingerprint,
                    "code": issue.code,
                    "path": issue.location.path,
                    "problem": issue.problem,
                }
            )
    document: contract.BaselineDocument = {
        "schema": "seatrial/baseline/1",
        "issues": sorted(issues, key=lambda it: (it["path"], it["code"], it["fingerprint"])),
    }
    return json.dumps(document, indent=2) + "\n"


def read(path: Path) -> frozenset[str]:
    """The fingerprints of a baseline. Raises UsageError when the file is none."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["schema"] != SCHEMA:
            raise ValueError(document["schema"])
        return frozenset(str(it["fingerprint"]) for it in document["issues"])
    except FileNotFoundError:
        raise UsageError(f"there is no baseline {path}: make one with --baseline {path} --update-baseline") from None
    except OSError as error:
        raise UsageError(f"cannot read the baseline {path}: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(f"{path} is not a document of {SCHEMA}: make it anew with --update-baseline") from None


def without(audit: Audit, known: frozenset[str]) -> Audit:
    """The audit without the issues of a baseline, which are counted among its limits."""
    found = fingerprints(audit.entries, audit.sources)
    entries = tuple(entry for index, entry in enumerate(audit.entries) if found[index] not in known)
    left_out = len(audit.entries) - len(entries)
    if not left_out:
        return audit
    one = left_out == 1
    note = f"{left_out} {'issue that the baseline knows is' if one else 'issues that the baseline knows are'} left out."
    return replace(audit, entries=entries, limits=(*audit.limits, note))
