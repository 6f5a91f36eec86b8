"""The report's page in a real browser: it asks for nothing, says nothing in the console, and its filter works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from evals.manners import Manner
from evals.report.digest import Report
from evals.report.page import html
from tests import chromium
from tests.made_up_runs import run, talk

PROGRAM = chromium.found()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="needs Chromium (apt install chromium)")

LONG = "pneumonoultramicroscopicsilicovolcanoconiosis" * 6


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Flips each way, failures in two manners, something long without a space, and something that tries to run."""
    before = run(
        talk("turned-worse", 1, 1), talk("turned-better", 2, 1), talk("still-wrong", 3, 1), talk("fine", 1, 1),
        talk("turned-worse", 1, 2, Manner.HOSTILE), talk("kept-one", 1, 1, kept=True),
    )  # fmt: skip
    now = run(
        talk("turned-worse", 1, 2, said="Rutabagas, sorted.", tags=("legal",)), talk("turned-better", 2, 2, tags=("legal",)),
        talk("still-wrong", 3, 1, said=f"{LONG}<img src=x onerror=alert(1)>", tags=("short",)), talk("fine", 1, 1),
        talk("turned-worse", 1, 2, Manner.HOSTILE, tags=("legal",)), talk("kept-one", 1, 2, kept=True, tags=("odd",)),
    )  # fmt: skip
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(html(Report.of(now, before)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Tab]:
    assert PROGRAM is not None
    with chromium.tab(PROGRAM, tmp_path_factory.mktemp("browser")) as opened:
        yield opened


def seen(tab: chromium.Tab) -> list[str]:
    """The names of the talks that can be seen once every group is open."""
    found: list[str] = tab.run(
        "[...document.querySelectorAll('.talk')].filter(t => t.checkVisibility())"
        ".map(t => t.querySelector('.id').textContent + ' ' + t.dataset.manner)"
    )
    return sorted(found)


def choose(tab: chromium.Tab, name: str, value: str) -> None:
    tab.run(
        f"(() => {{ const field = document.getElementById('filter').elements['{name}']; field.value = '{value}';"
        " field.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )


def test_the_page_asks_for_nothing_and_says_nothing(tab: chromium.Tab, page: Path) -> None:
    tab.open(page)
    tab.run("document.querySelectorAll('details').forEach(d => d.open = true)")
    tab.run("new Promise(done => requestAnimationFrame(() => setTimeout(done, 100)))")
    assert tab.errors == []
    assert [address for address in tab.requests if not address.startswith("data:")] == [page.as_uri()]
    assert tab.run("document.images.length") == 0


def test_the_policy_would_stop_what_is_not_the_pages_own(tab: chromium.Tab, page: Path) -> None:
    tab.open(page)
    tab.run(
        "document.body.insertAdjacentHTML('beforeend', '<p id=odd style=\"color: red\" onclick=\"window.ran = 1\">x</p>')"
    )
    tab.run("document.getElementById('odd').click()")
    assert tab.run("window.ran === undefined")
    assert any("Content Security Policy" in error for error in tab.errors)


def test_the_filter_narrows_by_outcome_manner_tag_and_words(tab: chromium.Tab, page: Path) -> None:
    tab.open(page)
    choose(tab, "outcome", "worse")
    assert seen(tab) == ["kept-one plain", "turned-worse plain"]
    choose(tab, "outcome", "wrong rung")
    assert seen(tab) == ["kept-one plain", "still-wrong plain", "turned-worse hostile", "turned-worse plain"]
    choose(tab, "manner", "hostile")
    assert seen(tab) == ["turned-worse hostile"]
    assert tab.run("document.getElementById('found').textContent") == "1 of 5 talks"
    tab.run("document.querySelector('#filter button').click()")
    tab.run("new Promise(done => setTimeout(done, 50))")
    assert tab.run("document.getElementById('found').textContent") == "5 talks"
    choose(tab, "tag", "short")
    assert seen(tab) == ["still-wrong plain"]
    choose(tab, "tag", "")
    choose(tab, "words", "rutabagas")
    assert seen(tab) == ["turned-worse plain"]
    choose(tab, "words", "no such words")
    assert seen(tab) == []


def test_what_is_kept_is_found_by_that_and_not_by_its_tags(tab: chromium.Tab, page: Path) -> None:
    tab.open(page)
    assert "odd" not in tab.run(
        "[...document.querySelectorAll('#filter [name=tag] option')].map(o => o.value)"
    )
    choose(tab, "tag", "kept for measuring")
    assert seen(tab) == ["kept-one plain"]


def test_a_transcript_is_one_click_away_and_opens_by_the_keyboard(tab: chromium.Tab, page: Path) -> None:
    tab.open(page)
    first = "document.querySelector('.talk:not([data-tag*=kept])')"
    assert tab.run(f"{first}.checkVisibility() && !{first}.querySelector('.said').checkVisibility()")
    tab.run(f"{first}.querySelector('summary').click()")
    assert tab.run(f"{first}.querySelector('.said').checkVisibility()")
    tab.run(f"{first}.querySelector('summary').focus()")
    for kind in ("keyDown", "keyUp"):
        tab.call(
            "Input.dispatchKeyEvent",
            type=kind,
            key="Enter",
            code="Enter",
            windowsVirtualKeyCode=13,
            text="\r",
        )
    assert not tab.run(f"{first}.open")


def test_without_scripts_the_lists_are_whole_and_the_filter_is_not_there(
    tab: chromium.Tab, page: Path
) -> None:
    tab.open(page, scripts=False)
    assert not tab.run("document.getElementById('filter').checkVisibility()")
    assert tab.run("document.querySelectorAll('.talk').length") == 5
    assert tab.run("document.querySelectorAll('.talk[hidden]').length") == 0


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_makes_the_page_wider_than_the_screen(tab: chromium.Tab, page: Path, width: int) -> None:
    tab.open(page, width=width, height=844)
    tab.run("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert tab.run("document.documentElement.scrollWidth") <= width


def test_what_scrolls_sideways_can_be_reached_by_the_keyboard(tab: chromium.Tab, page: Path) -> None:
    tab.open(page, width=390, height=844)
    assert tab.run(
        "[...document.querySelectorAll('.scroll')].every(s => s.tabIndex === 0 && s.getAttribute('aria-label'))"
    )
    assert tab.run("document.querySelectorAll('.scroll').length") > 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_paper(tab: chromium.Tab, page: Path, scheme: str) -> None:
    """At least 4.5 to 1, the contrast that WCAG 2.2 (1.4.3, AA) asks of text; what lies under a shade is worked out by drawing it."""
    tab.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    tab.open(page)
    tab.run("document.querySelectorAll('details').forEach(d => d.open = true)")
    weak = tab.run(_CONTRAST)
    tab.call("Emulation.setEmulatedMedia", features=[])
    assert weak == []


#: The elements with text of their own whose contrast falls short.
_CONTRAST = """(() => {
  const pen = Object.assign(document.createElement('canvas'), {width: 1, height: 1}).getContext('2d', {willReadFrequently: true});
  const over = (colours) => { pen.clearRect(0, 0, 1, 1); for (const c of colours) { pen.fillStyle = c; pen.fillRect(0, 0, 1, 1); }
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3); };
  const light = (rgb) => rgb.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const weak = new Set();
  for (const e of document.querySelectorAll('body *')) {
    if (!e.checkVisibility() || e.closest('svg, .aside, select, script') || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const papers = [];
    for (let up = e; up; up = up.parentElement) papers.unshift(getComputedStyle(up).backgroundColor);
    const under = light(over(papers)), ink = light(over([...papers, getComputedStyle(e).color]));
    const ratio = (Math.max(under, ink) + 0.05) / (Math.min(under, ink) + 0.05);
    if (ratio < 4.5) weak.add(`${e.tagName}.${e.className} ${ratio.toFixed(2)}`);
  }
  return [...weak];
})()"""
