"""The memo: every verdict on one page, safe whatever was said, readable, and in a file that overwrites nothing."""

from __future__ import annotations

import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.advisor import Advisor
from agent.errors import BadInput, NeedsSomething
from agent.facts import Facts, Proposal, Slot
from agent.interview import conclude
from agent.memo.file import content, format_of, save
from agent.memo.memo import Memo, as_markdown, asked_in, memo
from agent.memo.page import html, pdf
from agent.slash import run
from agent.writing.plain import write
from knowledge.corpus import Corpus
from tests.test_cli import rung
from tests.test_interview import walks

DAY = date(2026, 11, 22)
#: Elements that have no end tag.
VOID = {"meta", "line", "br", "link", "img"}


class Page(HTMLParser):
    """The page as a tree walk: tags, headings, links, and whether every element is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.headings: list[int] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.ids: set[str] = set()
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.ids |= {str(value) for name, value in attrs if name == "id"}
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def made(corpus: Corpus, question: str, facts: Facts) -> Memo:
    return memo(question, write(conclude(facts), facts, corpus, today=DAY), DAY)


RUNG_4 = Facts.of(
    knowledge="none", prompting="exhausted", shortfall=["quality", "format"], stability="stable", volume=40_000, success="measured",
    examples=3000, prompt_tokens=3500.0, platform="Azure",
)  # fmt: skip


def test_every_verdict_makes_a_sound_page(corpus: Corpus) -> None:
    count = 0
    for number, facts in enumerate(walks()):
        if number % 7:  # every seventh walk: all lines and stances, in a fraction of the time
            continue
        page = Page(html(made(corpus, "A case", facts)))
        count += 1
        assert page.headings[0] == 1 and page.headings.count(1) == 1
        assert all(b - a <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False))
        links = {value for name, value in page.attributes if name == "href" and str(value).startswith("#")}
        assert links and {str(link)[1:] for link in links} <= page.ids
        assert not {"script", "img", "iframe", "object", "link", "form"} & set(page.tags)
    assert count > 100


def test_the_page_asks_for_nothing_from_outside(corpus: Corpus) -> None:
    page = Page(html(made(corpus, "A case", RUNG_4)))
    assert not [value for name, value in page.attributes if name in ("src", "srcset", "data", "action")]
    addresses = [str(value) for name, value in page.attributes if name == "href"]
    assert all(a.startswith(("#", "http://", "https://")) for a in addresses)
    text = html(made(corpus, "A case", RUNG_4))
    assert "default-src 'none'" in text and "url(" not in text and "@import" not in text


def test_it_says_all_that_a_manager_needs(corpus: Corpus) -> None:
    words = " ".join(" ".join(Page(html(made(corpus, "Sorting mails, 40k a day", RUNG_4))).words).split())
    for said in (
        "Sorting mails, 40k a day", "Rung 4: fine-tuning", "go here next", "Why", "Do next", "What would change this", "What it costs",
        "Where it can be bought", "Microsoft Foundry (yours)", "over 90 days ago", "Where the sources disagree", "What it rests on",
        "2026-11-22", "Prices as of 2026-11-22", "Sources",
    ):  # fmt: skip
        assert said in words, said


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> \"'&<!-- sources --> {{ 7*7 }} javascript:alert(1) \u202etxt | ` * _"


@settings(max_examples=25)
@given(st.text(max_size=300).map(lambda text: HOSTILE + text))
def test_whatever_was_said_is_text(corpus: Corpus, said: str) -> None:
    facts = RUNG_4.merge(
        [
            Proposal(slot=Slot.MODEL, value=said, quote=said),
            Proposal(slot=Slot.SUCCESS, value="measured", quote=said),
        ]
    )
    plain, hostile = Page(html(made(corpus, "A case", RUNG_4))), Page(html(made(corpus, said, facts)))
    assert not {"script", "img"} & set(hostile.tags)
    assert hostile.headings == plain.headings
    assert not [name for name, _ in hostile.attributes if name.startswith("on")]
    assert "49" not in "".join(hostile.words[:20])
    assert not re.search(r"(?<!\\)<script", as_markdown(made(corpus, said, facts)))


def test_a_page_of_a_question_is_cut(corpus: Corpus) -> None:
    assert len(made(corpus, "word " * 4000, RUNG_4).question) <= 700


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_text_stands_out_from_its_ground_in_light_and_dark(corpus: Corpus) -> None:
    """WCAG 2.2 asks for 4.5 to 1."""
    schemes = re.findall(r":root \{([^}]*)\}", html(made(corpus, "A case", RUNG_4)))
    assert len(schemes) == 3
    for scheme in schemes[:2]:
        colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", scheme))
        for ink, ground in (
            ("ink", "paper"),
            ("soft", "paper"),
            ("warn", "paper"),
            ("go", "paper"),
            ("go", "go-paper"),
        ):
            light, dark = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)


def test_json_holds_the_whole_recommendation(corpus: Corpus) -> None:
    found = made(corpus, "A case", RUNG_4)
    assert Memo.model_validate_json(content(found, "json")) == found
    assert json.loads(content(found, "json"))["recommendation"]["verdict"]["rung"] == 4


def test_the_pdf_is_one(corpus: Corpus) -> None:
    try:
        made_of = pdf(made(corpus, "A case", RUNG_4))
    except NeedsSomething as missing:
        assert "rung[pdf]" in str(missing)
        pytest.skip("WeasyPrint or Pango is not installed here")
    assert made_of.startswith(b"%PDF-")


def test_the_format_comes_from_the_name_and_nothing_is_overwritten(corpus: Corpus, tmp_path: Path) -> None:
    found = made(corpus, "A case", RUNG_4)
    assert [format_of(Path(n)) for n in ("a.md", "a.MARKDOWN", "a.htm", "a.html", "a.json", "a.pdf")] == [
        "md", "md", "html", "html", "json", "pdf",
    ]  # fmt: skip
    with pytest.raises(BadInput, match="should end in"):
        format_of(Path("memo.docx"))
    path = save(found, tmp_path / "memo.html")
    before = path.read_bytes()
    with pytest.raises(BadInput, match="exists already"):
        save(found, tmp_path / "memo.html")
    assert path.read_bytes() == before
    with pytest.raises(BadInput, match="cannot be written"):
        save(found, tmp_path / "no" / "memo.html")
    assert [p.name for p in tmp_path.iterdir()] == ["memo.html"]


def advised(advisor: Advisor, thread: str) -> None:
    advisor.reply(thread, "4,000 policy PDFs that staff ask about all day, nothing is built yet")
    for _ in range(8):
        if advisor.recommendation(thread) is not None:
            return
        asked = advisor.open(thread).question
        assert asked is not None
        advisor.reply(
            thread,
            "yes"
            if asked.slot == "confirm"
            else {"knowledge": "3", "retrieval": "1"}.get(asked.slot, "don't know"),
        )


def test_the_terminal_saves_it(advisor: Advisor, tmp_path: Path) -> None:
    advised(advisor, "t")
    assert "Saved to" in str(run(f"/export {tmp_path / 'a.html'}", advisor, "t").show)
    assert "4,000 policy PDFs" in (tmp_path / "a.html").read_text()
    assert asked_in(advisor.turns("t")).startswith("4,000 policy")


def test_the_command_gives_the_last_session_s_memo(advisor: Advisor, tmp_path: Path) -> None:
    advised(advisor, "given")
    advisor.reply("begun", "hello there my friend")
    env = {"RUNG_DATABASE_URL": f"sqlite:///{tmp_path / 'sessions.db'}"}
    plain = rung("export", "given", env=env)
    assert plain.returncode == 0 and plain.stdout.startswith("# Rung 3")
    assert (
        json.loads(rung("export", "given", "--format", "json", env=env).stdout)["recommendation"]["verdict"][
            "rung"
        ]
        == 3
    )
    assert rung("export", "given", "--output", str(tmp_path / "m.html"), env=env).returncode == 0
    assert (tmp_path / "m.html").read_text().startswith("<!doctype html>")
    early = rung("export", env=env)  # the last session has no advice yet
    assert early.returncode == 2 and "rung chat --resume begun" in early.stderr


def test_every_cited_word_stands_in_the_source_list(corpus: Corpus) -> None:
    found = made(corpus, "A case", RUNG_4)
    words = " ".join(" ".join(Page(html(found)).words).split())
    for citation in found.recommendation.citations():
        assert " ".join(citation.quote.split()) in words, citation.passage_id


def test_marks_that_turn_text_around_and_links_are_no_part_of_the_question(corpus: Corpus) -> None:
    found = made(corpus, "see [here](javascript:alert(1)) \u202e\x1b[31m ![x](https://x.test) now", RUNG_4)
    assert not re.search("[\u202e\x1b]", html(found))
    assert "\\[here\\](" in as_markdown(found) and "![x](" not in as_markdown(found)


def test_after_a_restart_the_question_is_the_new_one(advisor: Advisor) -> None:
    advisor.reply("t", "our bot has a one-line prompt and the tone is off")
    advisor.reply("t", "restart")
    advised(advisor, "t")
    assert asked_in(advisor.turns("t")).startswith("4,000 policy")
