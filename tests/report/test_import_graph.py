"""The import graph: what the start executes, what only stands in files, and the circles."""

from __future__ import annotations

from pathlib import Path

from seatrial import pipeline
from seatrial.issue import Location
from seatrial.options import AuditOptions
from seatrial.report.import_graph import components, cycles_of
from seatrial.simulation.timeline import ImportEdge

FILES = {
    "Procfile": "web: uvicorn app.main:app\n",
    "requirements.txt": "fastapi\nuvicorn\n",
    "app/__init__.py": "",
    "app/main.py": "from app import routes\n\napp = routes.app\n\n\ndef later():\n    from app.late import work\n",
    "app/routes.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
    "app/late.py": "def work(): ...\n",
    "app/left.py": "from .late import work\nimport app.routes\n",
}


def test_what_the_start_leaves_out_is_in_the_graph(tmp_path: Path) -> None:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    imports = pipeline.audit(tmp_path, AuditOptions()).imports
    assert imports.modules == ("app", "app.main", "app.routes")
    assert imports.unreached == ("app.late", "app.left")
    assert ("app.main", "app.routes") in {(it.importer, it.imported) for it in imports.edges}
    assert {(it.importer, it.imported, it.location.line) for it in imports.dormant} == {
        ("app.left", "app.late", 1),
        ("app.left", "app.routes", 2),
        ("app.main", "app.late", 7),
    }


def test_a_circle_is_found_though_each_module_is_loaded_once(tmp_path: Path) -> None:
    files = {
        "Procfile": "web: uvicorn main:app\n",
        "requirements.txt": "fastapi\nuvicorn\n",
        "main.py": "from fastapi import FastAPI\nimport one\n\napp = FastAPI()\n",
        "one.py": "import two\n\nX = 1\n",
        "two.py": "import one\n\n\ndef late():\n    return one.X\n",
    }
    for path, text in files.items():
        (tmp_path / path).write_text(text)
    assert pipeline.audit(tmp_path, AuditOptions()).imports.cycles == (("one", "two"),)


def edges(*pairs: str) -> list[ImportEdge]:
    split = (pair.split(">") for pair in pairs)
    return [ImportEdge(importer, imported, Location("x.py", 1)) for importer, imported in split]


def test_circles_come_in_the_order_of_their_first_import() -> None:
    found = cycles_of(edges("main>b", "b>c", "c>b", "main>d", "d>e", "e>f", "f>d", "f>b"))
    assert found == (("b", "c"), ("d", "e", "f"))
    assert cycles_of(edges("a>b", "b>c", "a>c")) == ()


def test_a_long_chain_needs_no_recursion() -> None:
    graph = {str(number): [str(number + 1)] for number in range(5000)}
    assert len(components(graph)) == 5001
    graph["5000"] = ["0"]
    assert [len(part) for part in components(graph)] == [5001]
