"""The documentation: it builds, every link leads somewhere, no page asks another host, and its commands work."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from seatrial.project.decisions import read_decisions
from seatrial.rules.registry import all_rules
from seatrial.verification.registry import all_probes
from tests.verification.trials import FRONTEND, at, todos

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
BIN = Path(sys.executable).parent
GUIDES = sorted([*DOCS.glob("*.md"), *DOCS.glob("how-to/*.md")])
SLOW = frozenset({"first-voyage", "fix-a-start"})  # they start a server a dozen times
EXPECTED = re.compile(r"\s+# exits with (?P<codes>\d(?: or \d)*)\s*$")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("site")
    command = [str(BIN / "mkdocs"), "build", "--strict", "--quiet", "--site-dir", str(place)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return place


class Page(HTMLParser):
    """Anchors, links and what a browser would fetch by itself."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self.anchors |= {known[name] for name in ("id", "name") if name in known}
        if tag == "a" and "href" in known:
            self.links.append(known["href"])
        if tag in ("script", "img", "iframe", "source") and "src" in known:
            self.fetched.append(known["src"])
        if tag == "link" and known.get("rel") != "canonical":
            self.fetched.append(known.get("href", ""))


def test_no_link_is_dead_and_nothing_comes_from_another_host(site: Path) -> None:
    pages = {path: Page(path) for path in site.rglob("*.html")}
    dead = []
    for path, page in pages.items():
        assert [url for url in page.fetched if urlsplit(url).netloc] == []
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or path.name == "404.html" or "NNNN" in link:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            lost = not target.is_file() or (
                parts.fragment and target in pages and not _has(pages[target], parts.fragment)
            )
            dead += [f"{path.relative_to(site)}: {link}"] if lost else []
    assert dead == []
    assert len(pages) > len(all_rules()) + len(all_probes())


def _has(page: Page, fragment: str) -> bool:
    return fragment.startswith("__") or unquote(fragment) in page.anchors


def test_every_rule_probe_and_decision_has_its_page(site: Path) -> None:
    assert [it.name for it in all_rules() if not (site / "rules" / it.name / "index.html").is_file()] == []
    assert [it.id for it in all_probes() if not (site / "probes" / it.id / "index.html").is_file()] == []
    records = read_decisions(ROOT, ()).records
    assert records and all((site / "decisions" / Path(it.path).stem / "index.html").is_file() for it in records)


def fences(page: Path, language: str) -> Iterator[str]:
    text = page.read_text(encoding="utf-8")
    yield from re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def commands(page: Path) -> list[tuple[str, set[int]]]:
    """Each command with the exit codes that the page says of it."""
    found = []
    for line in (line for fence in fences(page, "sh") for line in fence.splitlines() if line.strip()):
        match = EXPECTED.search(line)
        codes = {int(code) for code in match["codes"].split(" or ")} if match else {0}
        found.append((EXPECTED.sub("", line), codes))
    return found


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A copy of the backend that the guides speak of, under version control."""
    shutil.copytree(ROOT / "examples" / "leaky", tmp_path / "leaky")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path / "leaky", check=True)
    return tmp_path / "leaky"


def small_backend(place: Path) -> None:
    """What the way to a platform begins with: a backend that serves."""
    shutil.rmtree(place / "app")
    (place / "Procfile").unlink()
    (place / ".env.example").unlink(missing_ok=True)
    (place / "requirements.txt").write_text("fastapi\nuvicorn\n")
    (place / "main.py").write_text("from fastapi import FastAPI\n\napp = FastAPI()\n")


@pytest.mark.needs("postgresql")
@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, id=page.stem, marks=[pytest.mark.nightly] if page.stem in SLOW else [])
        for page in GUIDES
        if commands(page)
    ],
)
def test_commands_of_a_page_do_what_it_says(page: Path, place: Path, tmp_path: Path) -> None:
    if page.stem == "railway-and-neon":
        small_backend(place)
    with at(todos(tmp_path)) as url:
        environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "URL": url, "NO_COLOR": "1"}
        environment |= {"FRONTEND": FRONTEND}
        for command, codes in commands(page):
            run = ["bash", "-c", command]
            done = subprocess.run(run, cwd=place, env=environment, capture_output=True, text=True, timeout=600)
            assert done.returncode in codes, f"{command}\n{done.stdout[-3000:]}\n{done.stderr}"
            assert "Traceback" not in done.stderr


def test_workflows_of_the_guides_meet_their_schema(tmp_path: Path) -> None:
    shown = [text for page in GUIDES for text in fences(page, "yaml")]
    assert len(shown) == 3
    for number, text in enumerate(shown):
        hooks = ".pre-commit-config.yaml" in text.splitlines()[0]
        file = tmp_path / f"{number}.yaml"
        file.write_text(text)
        check = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows", str(file)]
        command = [str(BIN / "pre-commit"), "validate-config", str(file)] if hooks else check
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr


def test_inputs_of_the_action_are_those_of_its_file() -> None:
    action = (ROOT / "action.yml").read_text(encoding="utf-8")
    used = re.findall(
        r"^ {10}([a-z-]+):", "".join(fences(DOCS / "how-to" / "gate-a-pull-request.md", "yaml")), re.MULTILINE
    )
    assert set(used) == {"path", "fail-level", "baseline"}
    assert all(f"\n  {name}:\n" in action for name in used)
