"""The report in a real browser: three widths, light and dark, no request, contrast, keyboard, large graphs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from seatrial.report import html
from seatrial.report.binding import bind
from tests.report.dossiers import Documents, many, whole

pytestmark = pytest.mark.needs("chromium")
WIDTHS = (360, 820, 1440)
IN_VIEW = """() => {
  const box = document.querySelector(".graph .m.found").getBoundingClientRect();
  const frame = document.querySelector(".view").getBoundingClientRect();
  const across = box.left >= frame.left && box.right <= frame.right;
  return across && box.top >= frame.top && box.bottom <= frame.bottom && box.height > 12;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=which("chromium"), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory, documents: Documents) -> Path:
    root = tmp_path_factory.mktemp("report")
    path = root / "report.html"
    path.write_text(html.page(bind(whole(root, documents))), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def large_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large") / "report.html"
    path.write_text(html.page(bind(many(1000))), encoding="utf-8")
    return path


class Visit:
    """One page with everything that it said and asked for."""

    def __init__(self, context: BrowserContext, path: Path) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.as_uri())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_page_at_every_width(browser: Browser, page_file: Path, width: int, scheme: Any) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    visit = Visit(context, page_file)
    assert visit.complaints == []
    assert [url for url in visit.requests if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in visit.requests if url.startswith("file:")]) == 1
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width  # nothing is cut off at the side
    for summary in visit.page.locator("summary").all():
        summary.click()
    violations = Axe().run(visit.page).response["violations"]
    assert [(it["id"], [node["html"][:120] for node in it["nodes"]]) for it in violations] == []
    context.close()


def test_page_without_script_hides_nothing(browser: Browser, page_file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    visit = Visit(context, page_file)
    assert visit.page.locator("text=There is no module").first.is_visible()
    assert visit.page.locator("button:visible").count() == 0  # a button that does nothing is not shown
    context.close()


def test_diff_is_copied_as_it_is(browser: Browser, page_file: Path) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    visit = Visit(context, page_file)
    button = visit.page.get_by_role("button", name="copy the fix of IMP001")
    button.focus()
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_function("document.querySelector('.code button:focus').textContent === 'copied'")
    copied = visit.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("--- a/src/main.py\n+++ b/src/main.py\n") and copied.endswith("\n")
    context.close()


def test_keyboard_reaches_everything_in_order(browser: Browser, page_file: Path) -> None:
    context = browser.new_context()
    visit = Visit(context, page_file)
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.textContent") == "Skip to the report"
    reached = []
    for _ in range(80):
        visit.page.keyboard.press("Tab")
        reached.append(visit.page.evaluate("document.activeElement.outerHTML.slice(0, 60)"))
        outline = visit.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none" or reached[-1].startswith("<body"), reached[-1]
    assert any('id="theme"' in it for it in reached) and any('type="search"' in it for it in reached)
    assert any("<summary" in it for it in reached) and any('class="view"' in it for it in reached)
    context.close()


def test_theme_can_be_turned(browser: Browser, page_file: Path) -> None:
    context = browser.new_context(color_scheme="light")
    visit = Visit(context, page_file)
    colour = "getComputedStyle(document.body).backgroundColor"
    before = visit.page.evaluate(colour)
    visit.page.get_by_role("button", name="Light or dark").click()
    assert visit.page.evaluate(colour) != before
    assert Axe().run(visit.page).response["violations"] == []
    context.close()


def test_print_shows_what_is_folded(browser: Browser, page_file: Path) -> None:
    context = browser.new_context()
    visit = Visit(context, page_file)
    visit.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    visit.page.emulate_media(media="print")
    assert visit.page.locator("details:not([open])").count() == 0
    assert visit.page.locator("button:visible").count() == 0
    assert len(visit.page.pdf()) > 20_000
    context.close()


def test_graph_is_searched_and_zoomed(browser: Browser, page_file: Path) -> None:
    context = browser.new_context(viewport={"width": 820, "height": 900})
    visit = Visit(context, page_file)
    search = visit.page.get_by_role("searchbox")
    search.fill("src.main")
    assert "src.main imports 0 modules, is imported by 1" in visit.page.locator("output").inner_text()
    assert visit.page.locator(".graph .m.found").count() == 1
    before = visit.page.evaluate("document.querySelector('.graph').getBoundingClientRect().width")
    visit.page.locator(".view").focus()
    visit.page.keyboard.press("+")
    assert visit.page.evaluate("document.querySelector('.graph').getBoundingClientRect().width") > before
    visit.page.keyboard.press("Escape")
    assert visit.page.locator(".graph.looking").count() == 0
    context.close()


def test_graph_of_a_thousand_modules_stays_usable(browser: Browser, large_file: Path) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    visit = Visit(context, large_file)
    assert visit.page.locator(".graph .m").count() == 1000
    assert visit.page.locator(".graph path.c").count() == 3  # the circle, red
    assert visit.page.locator(".graph path.e").first.is_hidden()  # until a module is looked at
    # However many edges there are, none is painted but those of the circle, until a module is looked at: then its own.
    painted = "[...document.querySelectorAll('.graph path')].filter(it => it.checkVisibility()).length"
    assert visit.page.evaluate(painted) <= 10
    assert visit.page.locator(".graph path.e").count() > 3000
    visit.page.get_by_role("searchbox").fill("app.part5.module_51")
    visit.page.wait_for_selector(".graph .m.found:visible")
    visit.page.wait_for_function(IN_VIEW)
    near = visit.page.locator(".graph path.near").count()
    assert near >= 4 and visit.page.evaluate(painted) <= near + 10
    assert visit.complaints == []
    context.close()
