"""Which launch command wins, what it resolves to, and which others contradict it."""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.project.files import scan
from seatrial.project.launch.targets import Target, explicit_target, find_targets
from tests.project.trees import make

APP = "from fastapi import FastAPI\napp = FastAPI()\n"
IMAGE = "FROM python:3.12\nWORKDIR /srv\nCOPY {copy}\nCMD {cmd}\n"


def targets(root: Path, files: dict[str, str], base: str = ".") -> tuple[Target, ...]:
    make(root, files)
    return find_targets(scan(root), base)


def best(root: Path, files: dict[str, str], base: str = ".") -> Target:
    return targets(root, files, base)[0]


SOURCES = {
    "railway.json": '{"deploy": {"startCommand": "uvicorn main:app"}}',
    "railway.toml": '[deploy]\nstartCommand = "uvicorn main:app"\n',
    "railpack.json": '{"deploy": {"startCommand": "uvicorn main:app"}}',
    "nixpacks.toml": '[start]\ncmd = "uvicorn main:app"\n',
    "Procfile": "release: alembic upgrade head\nweb: uvicorn main:app --port $PORT\n",
    "render.yaml": "services:\n  - type: web\n    startCommand: uvicorn main:app\n",
    "fly.toml": '[processes]\napp = "uvicorn main:app"\n',
    "heroku.yml": "run:\n  web: uvicorn main:app\n",
    "pyproject.toml": '[tool.fastapi]\nentrypoint = "main:app"\n',
    "Dockerfile": IMAGE.format(copy=". .", cmd='["uvicorn", "main:app"]'),
    "docker-compose.yml": "services:\n  api:\n    build: .\n    command: uvicorn main:app\n    volumes: ['.:/']\n",
    "start.sh": "#!/bin/sh\nexec uvicorn main:app\n",
    "Makefile": "APP := main:app\nrun:\n\tuvicorn $(APP) \\\n\t  --reload\n",
    "package.json": '{"scripts": {"dev": "concurrently \\"uvicorn main:app\\" \\"vite\\""}}',
    "README.md": "Run it:\n\n```bash\n$ uvicorn main:app --reload\n```\n",
    "readme.rst": "Run::\n\n    uvicorn main:app\n",
}


@pytest.mark.parametrize("name", SOURCES)
def test_every_paper_is_read(name: str, tmp_path: Path) -> None:
    found = best(tmp_path, {"main.py": APP, name: SOURCES[name]})
    assert (found.value, found.origin, found.location.path) == ("main:app", "main.py", name)
    line = SOURCES[name].split("\n")[found.location.line - 1]
    said = "uvicorn" if name == "Makefile" else "main:app"  # a recipe says it by a variable
    assert said in line
    assert name == "Makefile" or line[found.location.column - 1 :].startswith(said)


def test_what_production_runs_comes_first(tmp_path: Path) -> None:
    files = {f"{stem}.py": APP for stem in ("a", "b", "c", "d")}
    files |= {"Procfile": "web: uvicorn a:app\n", "Dockerfile": IMAGE.format(copy=". .", cmd="uvicorn b:app")}
    files |= {
        "docker-compose.yml": "services:\n  x:\n    build: .\n    command: uvicorn c:app\n",
        "README.md": "`uvicorn d:app`",
    }
    assert [target.value for target in targets(tmp_path, files)] == ["a:app", "b:app", "c:app", "d:app"]


def test_what_resolves_comes_first_but_what_does_not_is_kept(tmp_path: Path) -> None:
    found = targets(
        tmp_path, {"main.py": APP, "Procfile": "web: uvicorn src.main:app\n", "README.md": "`uvicorn main:app`"}
    )
    assert [(target.value, target.missing) for target in found] == [("main:app", ""), ("src.main:app", "module")]
    assert [(conflict.kind, conflict.value, conflict.resolves) for conflict in found[0].conflicts] == [
        ("module", "src.main:app", False)
    ]


def test_a_dead_command_comes_before_an_undocumented_app(tmp_path: Path) -> None:
    found = targets(tmp_path, {"app/main.py": APP, "Procfile": "web: uvicorn main:app\n"})
    assert [(target.value, target.source) for target in found] == [
        ("main:app", "Procfile"),
        ("app.main:app", "convention"),
    ]


def test_a_missing_attribute_is_told_from_a_missing_module(tmp_path: Path) -> None:
    found = best(tmp_path, {"main.py": APP.replace("app =", "api ="), "Procfile": "web: uvicorn main:app\n"})
    assert (found.missing, found.origin) == ("attribute", "main.py")


@pytest.mark.parametrize(
    ("copy", "cmd", "place"),
    [
        (". .", '["uvicorn", "app.main:app"]', "app/main.py"),
        ("backend/ .", '["uvicorn", "app.main:app"]', "backend/app/main.py"),
        ("backend/app ./app", "uvicorn app.main:app", "backend/app/main.py"),
        ("src/ /srv/src/", "uvicorn src.main:app", "src/main.py"),
        (". .", "cd backend && uvicorn main:app", "backend/main.py"),
        (". .", '["sh", "-c", "cd backend && exec uvicorn main:app --port $PORT"]', "backend/main.py"),
        (". .", '["./run.sh"]', "app/main.py"),
    ],
)
def test_an_image_is_mapped_back_to_the_repository(copy: str, cmd: str, place: str, tmp_path: Path) -> None:
    script = "#!/bin/sh\nuvicorn app.main:app\n"
    files = {place: APP, "Dockerfile": IMAGE.format(copy=copy, cmd=cmd), "run.sh": script}
    found = best(tmp_path, files)
    assert (found.origin, found.missing, found.source) == (place, "", "Dockerfile")
    assert found.path_entries[0] == place.removesuffix(found.module.replace(".", "/") + ".py").rstrip("/") or "."


def test_stages_entry_points_and_variables(tmp_path: Path) -> None:
    dockerfile = (
        "FROM python AS build\nWORKDIR /b\nCOPY backend /b/\n\n"
        "FROM python\nENV PYTHONPATH=/opt/lib:$PYTHONPATH\nWORKDIR /opt\n"
        'COPY --from=build /b /opt\nENTRYPOINT ["/opt/entry.sh"]\nCMD ["uvicorn", "main:app"]\n'
    )
    files = {"backend/lib/main.py": APP, "backend/entry.sh": 'echo hi\nexec "$@"\n', "Dockerfile": dockerfile}
    found = best(tmp_path, files)
    assert (found.origin, found.path_entries) == ("backend/lib/main.py", ("backend", "backend/lib"))
    assert (found.location.path, found.location.line) == ("Dockerfile", 10)


def test_readme_folders(tmp_path: Path) -> None:
    readme = "```\ngit clone x\ncd x\ncd backend\npip install -r r\nuvicorn app.main:app\n```\n"
    found = best(tmp_path, {"README.md": readme, "backend/app/main.py": APP}, base="backend")
    assert (found.cwd, found.origin) == ("backend", "backend/app/main.py")


def test_another_folders_commands_are_not_ours(tmp_path: Path) -> None:
    files = {"api/main.py": APP, "worker/main.py": APP, "worker/Procfile": "web: uvicorn main:app\n"}
    files |= {"docker-compose.yml": "services:\n  w:\n    build: worker\n    command: uvicorn main:app\n"}
    assert [target.source for target in targets(tmp_path, files, base="api")] == ["convention"]


def test_python_files_that_serve(tmp_path: Path) -> None:
    files = {
        "main.py": 'import uvicorn\nif __name__ == "__main__":\n    uvicorn.run("core.server:app", host="0.0.0.0")\n',
        "core/server.py": APP,
        "Procfile": "web: python main.py\n",
    }
    found = best(tmp_path, files)
    assert (found.value, found.script, found.imports, found.origin) == (
        "core.server:app",
        "main.py",
        True,
        "core/server.py",
    )
    own = best(
        tmp_path / "own", {"main.py": APP + "import uvicorn\nuvicorn.run(app)\n", "Procfile": "web: python main.py\n"}
    )
    assert (own.value, own.script, own.imports) == ("main:app", "main.py", False)


def test_a_source_layout_is_found_where_installing_puts_it(tmp_path: Path) -> None:
    files = {
        "src/shop/main.py": APP,
        "pyproject.toml": "[project]\nname='shop'\n",
        "Procfile": "web: uvicorn shop.main:app\n",
    }
    found = best(tmp_path, files)
    assert (found.origin, found.path_entries, found.installed) == ("src/shop/main.py", (".",), ("src",))


CONVENTIONS = {
    "main.py": ("main:app", "."),
    "app/main.py": ("app.main:app", "."),
    "src/main.py": ("src.main:app", "."),
    "api/index.py": ("api.index:app", "."),
    "shop/web/asgi.py": ("shop.web.asgi:app", "."),
}


@pytest.mark.parametrize("path", CONVENTIONS)
def test_without_papers_the_code_is_looked_at(path: str, tmp_path: Path) -> None:
    found = best(tmp_path, {path: APP})
    assert (found.value, found.path_entries[0], found.source) == (*CONVENTIONS[path], "convention")


def test_absolute_imports_show_the_root(tmp_path: Path) -> None:
    files = {
        "src/main.py": "from routers import users\n" + APP,
        "src/routers/__init__.py": "",
        "src/routers/users.py": "",
    }
    found = best(tmp_path, files)
    assert (found.value, found.path_entries, found.command) == ("main:app", ("src",), "uvicorn main:app --app-dir src")


def test_factories(tmp_path: Path) -> None:
    found = best(
        tmp_path, {"main.py": "from fastapi import FastAPI\ndef create_app() -> FastAPI:\n    return FastAPI()\n"}
    )
    assert (found.value, found.factory) == ("main:create_app", True)
    said = best(tmp_path / "b", {"main.py": APP, "Procfile": "web: uvicorn main:make --factory\n"})
    assert (said.factory, said.missing) == (True, "attribute")


def test_places_that_agree_are_one_target(tmp_path: Path) -> None:
    found = targets(
        tmp_path, {"main.py": APP, "Procfile": "web: uvicorn main:app\n", "README.md": "```\nuvicorn main:app\n```"}
    )
    assert len(found) == 1
    assert [place.path for place in found[0].also] == ["README.md"]


def test_the_same_file_from_another_folder_is_a_conflict(tmp_path: Path) -> None:
    found = targets(
        tmp_path,
        {"src/main.py": APP, "Procfile": "web: uvicorn src.main:app\n", "README.md": "`cd src && uvicorn main:app`"},
    )
    assert [conflict.kind for conflict in found[0].conflicts] == ["folder"]


BROKEN = {
    "Dockerfile": "FROM\nCOPY\nENV\nCMD [\n",
    "docker-compose.yml": "services: [\n",
    "railway.json": "{",
    "pyproject.toml": "[tool.fastapi\nentrypoint = 1",
    "Procfile": "\tweb: {",
    "Makefile": "run:\n\tuvicorn $(X",
    "README.md": "```\nuvicorn 'a\n",
    "start.sh": 'uvicorn "\ncd',
    "compose.yaml": "services: &a {x: *a}\n",
}


def test_broken_papers_are_no_trouble(tmp_path: Path) -> None:
    assert best(tmp_path, {"main.py": APP, **BROKEN}).value == "main:app"


def test_no_application_no_target(tmp_path: Path) -> None:
    assert targets(tmp_path, {"tool.py": "print(1)\n"}) == ()


def test_a_target_that_a_person_names(tmp_path: Path) -> None:
    make(tmp_path, {"app/main.py": APP})
    found = explicit_target(scan(tmp_path), ".", "app.main:app")
    assert (found.origin, found.missing, found.cwd) == ("app/main.py", "", ".")
    assert explicit_target(scan(tmp_path), ".", "nothing:app").missing == "module"
