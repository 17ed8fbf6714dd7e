"""Results as the pipeline makes them, small enough to read."""

from __future__ import annotations

from seatrial.boot import Boot, Failure, Frame, Outcome
from seatrial.issue import (
    Applicability,
    Evidence,
    Fix,
    Issue,
    Location,
    Measure,
    NotAnalysed,
    Related,
    Severity,
    Stage,
    Verdict,
)
from seatrial.report.results import (
    Answer,
    Audit,
    Dependency,
    Endpoint,
    Entry,
    Imports,
    LaunchTarget,
    Routes,
    Setting,
    Step,
    Trial,
)
from seatrial.simulation.timeline import ImportEdge, Route

MAIN = """from fastapi import FastAPI

from src.routers.task import router

app = FastAPI()
app.include_router(router)
"""

DIFF = """--- a/src/main.py
+++ b/src/main.py
@@ -1,5 +1,5 @@
 from fastapi import FastAPI
\x20
-from src.routers.task import router
+from src.routers.tasks import router
\x20
 app = FastAPI()
"""

MISSING = Issue(
    code="IMP001",
    name="missing-module",
    category="imports",
    severity=Severity.BLOCKER,
    stage=Stage.IMPORT,
    location=Location("src/main.py", 3, 1, 3, 36),
    problem="There is no module `src.routers.task`.",
    cause="The file is src/routers/tasks.py; no other module of this backend has a `router`.",
    requirements=("A2",),
    fix=Fix(Applicability.SAFE, "Import it from `src.routers.tasks`."),
    related=tuple(Related(Location("src/api.py", line), "imports it as well") for line in (2, 5, 7, 9, 11)),
    evidence=(Evidence("`src.routers.tasks` exists", "src/routers/tasks.py"),),
)

DOCS = Issue(
    code="SEC004",
    name="docs-in-production",
    category="security",
    severity=Severity.WARNING,
    stage=Stage.PRODUCTION,
    location=Location("src/main.py", 5),
    problem="The interactive documentation is on in production.",
    cause="Nothing turns it off.",
    no_fix_reason="Whether it may be seen is for a person to say.",
)

FAILS = Boot(
    Outcome.FAILS,
    Failure(
        Stage.IMPORT,
        "ModuleNotFoundError",
        "No module named 'src.routers.task'",
        (Frame("src/app.py", 1, "<module>"), Frame("src/main.py", 3, "<module>")),
    ),
)

TARGET = LaunchTarget("src.main:app", Location("Procfile", 1, 6), True)

AUDIT = Audit(
    backend=".",
    target=TARGET,
    python="3.12.1",
    predicted=FAILS,
    entries=(Entry(DOCS), Entry(MISSING, DIFF)),
    measures=(Measure("C6", Verdict.FAILS, "The documentation is on.", Location("src/main.py", 5)),),
    manifest=(Dependency("fastapi", ">=0.110", None, None, "0.165.0", None),),
    imports=Imports(("src", "src.main"), (ImportEdge("src.app", "src.main", Location("src/app.py", 1)),), ()),
    routes=(
        Endpoint(
            Route("/tasks", ("GET",), "src.routers.tasks.read", Location("src/routers/tasks.py", 8), included=False),
            ("HTTPBearer by current_user",),
        ),
    ),
    settings=(Setting("DATABASE_URL", Location("src/db.py", 4), True, None, Location(".env.example", 2)),),
    not_analysed=(NotAnalysed("src/new.py", "it needs Python 3.14"),),
    patch=DIFF,
    environment="resolved",
    limits=("The package index could not be reached: the releases are those of the lock file.",),
    files=7,
    duration_s=0.2149,
    sources={"src/main.py": MAIN},
)

CLEAN = Audit(".", TARGET, "3.12.1", Boot(Outcome.SERVES), environment="own", files=3, duration_s=0.1)

TRIAL = Trial(
    backend=".",
    target=TARGET,
    python="3.12.1",
    before=FAILS,
    after=Boot(Outcome.SERVES),
    steps=(Step("IMP001", Location("src/main.py", 3), "Import it from `src.routers.tasks`.", Boot(Outcome.SERVES)),),
    patch=DIFF,
    routes=Routes(("GET /tasks", "POST /tasks"), ("GET /tasks",)),
    answers=(Answer("GET", "/openapi.json", 200),),
    duration_s=4.21,
)
