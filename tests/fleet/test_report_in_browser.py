"""The page of a fleet, as a head of platform opens it."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from test_fleet_report import FLEET, RISK, SEARCH, render

from browser import NARROW, WIDE, browser, open_page, violations, widens

__all__ = ["browser"]
pytestmark = pytest.mark.journey

SCRIPT = "<script>alert(1)</script>"
MOST = 1000  # CPU milliseconds of what a person waits for


def written(folder: Path, rows: list[Any]) -> str:
    (folder / "fleet.html").write_text(render("html", rows), encoding="utf-8")
    return (folder / "fleet.html").as_uri()


def names(page: Any) -> list[str]:
    """Return the names of the rows that are shown, from the top."""
    shown = "rows => rows.filter(row => !row.hidden).map(row => row.cells[0].textContent)"
    return list(page.eval_on_selector_all("#fleet tbody tr", shown))


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Any, tmp_path: Path, scheme: str, size: Any) -> None:
    page = open_page(browser, written(tmp_path, FLEET), scheme, size)
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")

    assert violations(page) == []
    assert not widens(page)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") == (scheme == "light")
    page.close()


def test_it_is_used_with_the_keyboard_only(browser: Any, tmp_path: Path) -> None:
    page = open_page(browser, written(tmp_path, FLEET))
    press = page.keyboard.press

    def focused() -> str:
        return str(page.evaluate("document.activeElement.textContent"))

    press("Tab")
    page.keyboard.type("link-broken")
    assert names(page) == ["risk"] and page.inner_text("#shown") == "1 shown"
    press("Control+A")
    press("Delete")
    for _ in range(12):  # the region of the table, and its eleven heads
        press("Tab")
    assert focused() == "score"
    press("Enter")
    ascending = names(page)
    press("Space")
    assert names(page) == ascending[::-1] and names(page)[0] == "search"
    assert page.get_attribute("th:has(:focus)", "aria-sort") == "descending"
    press("Tab")
    assert focused() == "search"
    press("Enter")
    page.wait_for_selector("summary:focus")
    assert focused().startswith("search: passes")
    assert page.eval_on_selector("details:has(:focus)", "part => part.open")
    outline = page.eval_on_selector(":focus", "part => getComputedStyle(part).outlineStyle")
    assert outline == "solid"
    page.close()


def test_a_name_that_is_a_script_is_shown_as_text(browser: Any, tmp_path: Path) -> None:
    address = written(tmp_path, [replace(RISK, name=SCRIPT), SEARCH])
    page = open_page(browser, address)
    page.fill("#filter", "alert")

    assert names(page) == [SCRIPT]
    page.click(f"text={SCRIPT} >> nth=0")
    assert page.eval_on_selector("details[open] summary", "part => part.textContent").startswith(
        SCRIPT
    )
    assert page.dialogs == []
    assert page.requests == [address]
    page.close()


ACT = """
async action => {
  const begun = performance.now();
  new Function(action)();
  await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - begun;
}
"""


def test_a_long_table_leaves_the_rest_of_the_page_in_reach(browser: Any, tmp_path: Path) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    rows = [replace(SEARCH, name=f"search-{n:03}", template=commit) for n in range(200)]
    page = open_page(browser, written(tmp_path, rows))

    assert page.locator("#rules").bounding_box()["y"] < 2 * WIDE["height"]
    page.locator("#fleet tbody tr").last.scroll_into_view_if_needed()
    assert page.locator("#fleet thead th").first.bounding_box()["y"] >= 0
    page.locator("#fleet th button").first.click()  # still in reach
    assert "0123456789ab" in page.inner_text("#fleet") and commit not in page.inner_text("#fleet")
    page.close()


def test_a_thousand_rows_are_sorted_and_filtered_at_once(browser: Any, tmp_path: Path) -> None:
    """CPU time decides, since others use this machine too; what a person waits is printed."""
    rows = [
        replace(SEARCH if n % 3 else RISK, name=f"repository-{n:04}", score=n % 100)
        for n in range(1000)
    ]
    session = browser.new_browser_cdp_session()

    def cpu() -> float:
        """Return the CPU milliseconds of all processes that render pages."""
        found = session.send("SystemInfo.getProcessInfo")["processInfo"]
        return 1000 * float(sum(each["cpuTime"] for each in found if each["type"] == "renderer"))

    page = open_page(browser, written(tmp_path, rows))
    table, box = "document.querySelector('#fleet", "document.querySelector('#filter')"
    actions = {
        "sort by name": f"{table} th button').click()",
        "sort by score": f"{table} th:last-child button').click()",
        "filter": f"{box}.value = 'link-broken'; {box}.dispatchEvent(new Event('input'))",
        "open a repository": "location.hash = '#r500'",
    }
    size = (tmp_path / "fleet.html").stat().st_size / 1e6
    print(f"1,000 rows, {size:.2f} MB, CPU to open: {cpu():.0f} ms")
    took = {}
    for name, action in actions.items():
        before = cpu()
        waited = page.evaluate(ACT, action)
        took[name] = cpu() - before
        print(f"{name}: CPU {took[name]:.0f} ms, {waited:.0f} ms until shown")

    assert len(names(page)) == 334
    assert max(took.values()) < MOST
    page.close()
