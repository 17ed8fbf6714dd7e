"""Dossiers as `seatrial report` gathers them: of a small backend with everything, and of one with many modules."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seatrial.issue import Location
from seatrial.project.decisions import read_decisions
from seatrial.report.dossier import Dossier, Saved
from seatrial.report.formats.trials.json import trial
from seatrial.report.json import audit_document
from seatrial.report.results import Entry, Imports
from seatrial.simulation.timeline import ImportEdge
from tests.report.samples import AUDIT, DIFF, DOCS, MISSING, TRIAL

WHEN = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)

Documents = dict[str, dict[str, Any]]
"""The documents of `build` and `verify`, as `conftest` has them made."""

EVIL = "<b>evil</b> </script><script>alert(1)</script>"

RECORD = """# 0001. Keep sessions in the database

- Date: 2026-11-30
- Status: accepted
- Concerns: src/main.py

## Context

See [the other one](0002-other.md).
"""


def whole(root: Path, documents: Documents) -> Dossier:
    """A dossier with every kind of document, some foreign text in it that would be markup.

    `root` gets a decision record and a file that speaks of it.
    """
    (root / "history" / "adr").mkdir(parents=True)
    (root / "history" / "adr" / "0001-sessions.md").write_text(RECORD)
    (root / "src").mkdir()
    (root / "src" / "main.py").write_text("# ADR 0001 says why\n")
    audit = replace(AUDIT, entries=(Entry(MISSING, DIFF), Entry(replace(DOCS, cause=f"Nothing turns it off. {EVIL}"))))
    documents = {"boot": json.loads(trial(TRIAL)), **documents}
    return Dossier(
        name="tasks",
        version="1.0",
        made=WHEN,
        audit=audit_document(audit),
        saved={name: Saved(document, WHEN) for name, document in documents.items()},
        decisions=read_decisions(root, ("src/main.py",)),
        sources=audit.sources,
        folder=root / ".seatrial",
    )


def many(modules: int) -> Dossier:
    """A dossier of a backend with so many modules, each importing a few of those behind it, and one circle."""
    chance = random.Random(7)
    names = [f"app.part{number % 23}.module_{number}" for number in range(modules)]  # at least 6
    pairs = [(a, chance.randint(a + 1, modules - 1)) for a in range(modules - 1) for _ in range(4)]
    pairs += [(modules // 2 + step, modules // 2 + (step + 1) % 3) for step in range(3)]
    edges = tuple(ImportEdge(names[a], names[b], Location("app/x.py", 1)) for a, b in pairs)
    imports = Imports(tuple(names[:-5]), edges, ((names[modules // 2], names[modules // 2 + 1]),), tuple(names[-5:]))
    issues = tuple(
        Entry(replace(MISSING, location=Location("src/main.py", 3, 1, 3, 36), problem=f"No `m{number}`."), DIFF)
        for number in range(modules)
    )
    audit = replace(AUDIT, imports=imports, entries=issues, routes=AUDIT.routes * modules)
    return Dossier("large", "1.0", WHEN, audit_document(audit), sources=audit.sources)
