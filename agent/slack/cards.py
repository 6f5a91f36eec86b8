"""A reply as a Slack message: blocks within Slack's limits, and the same in plain text for notifications and readers.

Pure. What people and sources say is data: it is escaped, so that no mention, link or channel in it comes alive.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agent.conversation import Answer, Notice, Part, Question, Reply
from agent.recommendation import Citation, Recommendation, Sentence, Understood
from agent.render import (
    PORTABLE,
    Sources,
    cost_lines,
    dollars,
    ladder,
    platform_name,
    sections,
)
from agent.rubric import NAMES
from agent.writing import texts
from agent.writing.platforms import read_on

Block = dict[str, Any]

# Slack's limits, from its reference of blocks and of chat.postMessage.
MOST_BLOCKS: Final = 50
LONGEST_TEXT: Final = 3_000
LONGEST_HEADER: Final = 150
LONGEST_BUTTON: Final = 75
LONGEST_VALUE: Final = 2_000
LONGEST_FALLBACK: Final = 4_000
LONGEST_STREAM: Final = 12_000
#: Blocks kept free for what stands under an advice: buttons, feedback, a last word.
_KEPT_FREE: Final = 6
_FLIPS_SHOWN: Final = 3
_HINT: Final = "A number or your own words in this thread; “don't know” and “why?” are fine too."


@dataclass(frozen=True)
class Place:
    """Where a card will stand, as its buttons must know: the thread, and the turn that they answer."""

    thread: str
    turn: int

    def value(self, **more: Any) -> str:
        return json.dumps({"thread": self.thread, "turn": self.turn, **more}, ensure_ascii=False)


@dataclass(frozen=True)
class Card:
    """A message. `lead` is the part that can be streamed, in pieces of Markdown; `rest` are the blocks after it.

    Without a lead the blocks are posted as they are.
    """

    text: str
    blocks: tuple[Block, ...]
    lead: tuple[str, ...] = ()
    rest: tuple[Block, ...] = ()


def card(reply: Reply, place: Place) -> Card:
    """The message for a reply."""
    blocks: list[Block] = []
    lead: list[str] = []
    rest: list[Block] = []
    advised = reply.recommendation is not None
    for part in reply.parts:
        if isinstance(part, Recommendation):
            top, below = _advice(part, place)
            blocks += [*top, *below]
            lead += [p for b in top if (p := _streamed(b))]
            rest += below
        else:
            made = list(_blocks(part, place))
            blocks += made
            rest += made
    if advised:
        foot = _under_advice(place)
        blocks, rest = [*_fit(blocks, len(foot)), *foot], [*_fit(rest, len(foot)), *foot]
    return Card(
        text=clip(" ".join(escape(t) for t in fallback(reply)), LONGEST_FALLBACK),
        blocks=tuple(_fit(blocks)),
        lead=tuple(_within(lead, LONGEST_STREAM)) if advised else (),
        rest=tuple(_fit(rest)) if advised else (),
    )


def here(text: str) -> str:
    """A reply's words where they name something of the terminal's: in Slack a slash is Slack's own."""
    for there, in_slack in _IN_SLACK:
        text = there.sub(in_slack, text)
    return text


_IN_SLACK: Final = (
    (re.compile(r"(?<![\w/])/(what-if|reach)\b"), r"\1"),
    (
        re.compile(r"/export advice\.html saves the whole advice as a page [^.]*\([^)]*\)\."),
        "“Report as a page” under the advice saves it to hand on or to print.",
    ),
    (re.compile(r"; /sources shows all that is cited:"), ":"),
    (re.compile(r"come back with: rung chat --resume"), "write in this thread to go on"),
    (re.compile(r"(?<=the rest is assumed): `rung cost` shows it all"), ""),
)


def fallback(reply: Reply) -> Iterator[str]:
    """Each part in a plain sentence or two, for notifications and screen readers."""
    for part in reply.parts:
        if isinstance(part, Recommendation):
            yield f"Rung {part.verdict.rung}: {NAMES[part.verdict.rung]}. {part.headline.text}"
        elif isinstance(part, Question) and part.choices:
            yield f"{part.text} {'; '.join(f'{n} {c.label}' for n, c in enumerate(part.choices, 1))}"
        else:
            yield here(part.text)


def note(text: str) -> Card:
    """A sentence of the front's own."""
    return Card(text=escape(text), blocks=(_section(escape(text)),))


def answered(card: Sequence[Block], said: str) -> tuple[Block, ...]:
    """A question's blocks after it was answered: the buttons give way to what was picked."""
    kept = [b for b in card if b["type"] not in ("actions", "context_actions")]
    return (*_fit(kept, 1), _context(f"You picked: {escape(said)}"))


# -- text -----------------------------------------------------------------------------------------------------------


def escape(text: str) -> str:
    """Text in which nothing of Slack's own markup comes alive: no mention, no link, no channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link(url: str, label: str) -> str:
    """A link, or its label alone where the address is none of the web's."""
    if not re.fullmatch(r"https?://[^\s<>|]+", url):
        return escape(label)
    return f"<{url.replace('&', '&amp;')}|{escape(label)}>"


def clip(text: str, longest: int) -> str:
    """The text, cut at a word within the limit; an escape is never cut in two."""
    if len(text) <= longest:
        return text
    return re.sub(r"(?:&\w{0,4}|<[^>]*|\s+\S*)$", "", text[: longest - 1]) + "…"


class Links(Sources):
    """Citations numbered in order of first use, each number a link to its source."""

    def linked(self, citations: Iterable[Citation]) -> str:
        cited = list(citations)
        self.marks(cited)
        once = dict.fromkeys(c.passage_id for c in cited)
        return "".join(link(self.cited[i].url, f"[{self.numbers[i]}]") for i in once)

    def told(self, sentence: Sentence) -> str:
        return f"{escape(sentence.text)} {self.linked(sentence.citations)}"

    def listed(self) -> list[str]:
        """A line for each source: number, passage, when it was read."""
        return [
            f"[{n}] {link(self.cited[i].url, i)} read {escape(re.split(r'[;(,]', self.cited[i].accessed)[0].strip())}"
            for i, n in self.numbers.items()
        ]


# -- parts ----------------------------------------------------------------------------------------------------------


def _blocks(part: Part, place: Place) -> Iterator[Block]:
    match part:
        case Notice():
            yield from _notice(part)
        case Answer():
            yield from _answer(part)
        case Question():
            yield from _question(part, place)


def _notice(part: Notice) -> Iterator[Block]:
    yield _context(escape(here(part.text)))
    if part.noted and not part.text.startswith("Noted"):
        yield from _sections(_table(part.noted))


def _answer(part: Answer) -> Iterator[Block]:
    links = Links()
    links.marks(part.citations)
    if part.data and part.data.get("kind") == "what_if":
        yield _section(f"```\n{escape(_two_ladders(part.data))}\n```")
    yield from _sections([escape(here(part.text))])
    if links.numbers:
        yield from _contexts(links.listed())


def _two_ladders(data: dict[str, Any]) -> str:
    """The ladder now and under the supposition, one above the other: a phone is narrow."""
    from agent.contrast import WhatIf
    from agent.side_by_side import ladders

    supposed = WhatIf.model_validate(data)
    return str(ladders(supposed.before, supposed.after, 40))


def _question(part: Question, place: Place) -> Iterator[Block]:
    if part.understood:
        yield from _sections(["Before I advise, this is what I understood:", *_table(part.understood)])
    yield _section(f"*{escape(part.text)}*")
    if part.several:
        yield _choices(part)
        yield _actions([_button("OK", "rung.several", place.value(), style="primary"), *_ways_out(place)])
    else:
        pressed = [(f"{n}. {c.label}", c.label) for n, c in enumerate(part.choices, 1)]
        if part.slot == "confirm":
            pressed = [("Yes, that is right", "yes")]
        if pressed:
            yield _actions(
                [_button(t, f"rung.say.{n}", place.value(say=s)) for n, (t, s) in enumerate(pressed)]
            )
        if part.slot == "confirm":
            yield _actions([_button("Change something", "rung.edit", place.value())])
        elif part.choices:
            yield _actions(_ways_out(place))
    hint = part.hint or (_HINT if part.choices else "")
    if hint:
        yield _context(escape(hint))


def _choices(part: Question) -> Block:
    """Several may be picked: boxes to tick, at most ten in Slack."""
    options = [
        {"text": _plain(clip(f"{n}. {c.label}", LONGEST_BUTTON)), "value": str(n)}
        for n, c in enumerate(part.choices, 1)
    ]
    return _actions([{"type": "checkboxes", "action_id": "rung.choices", "options": options[:10]}])


def _ways_out(place: Place) -> list[Block]:
    return [
        _button("Don't know", "rung.say.dont_know", place.value(say="don't know")),
        _button("Why?", "rung.say.why", place.value(say="why?")),
    ]


def _table(rows: Sequence[Understood]) -> list[str]:
    """ "• *Calls a day:* 10,000 “10k/day”", a line for each."""
    return [f"• *{escape(r.label)}:* {escape(r.text)}{_words(r)}" for r in rows]


def _words(row: Understood) -> str:
    if not row.words or row.words.lower() == row.text.lower():
        return ""
    return f"  “{escape(row.words if len(row.words) <= 70 else row.words[:69] + '…')}”"


# -- the advice -----------------------------------------------------------------------------------------------------


def _advice(advice: Recommendation, place: Place) -> tuple[list[Block], list[Block]]:
    """The advice's blocks: what can be streamed, and what stands below it."""
    links = Links()
    rung = advice.verdict.rung
    title = f"Rung {rung}: {NAMES[rung]}" + (" (provisional)" if advice.provisional else "")
    top = [
        {"type": "header", "text": _plain(clip(title, LONGEST_HEADER))},
        _section(f"*{escape(advice.headline.text)}* {links.linked(advice.headline.citations)}"),
        _section(f"```\n{escape(str(ladder(advice, 60)))}\n```"),
        *_sections([links.told(s) for s in advice.why]),
    ]
    below: list[Block] = []
    for name, part in sections(advice):
        shown = part[:_FLIPS_SHOWN] if part is advice.flips else part
        below += _listed(name, [links.told(s) for s in shown])
    below += _cost(advice, links)
    below += _platforms(advice, links)
    split = [s for one in advice.disagreements for s in (one.guide, one.others[0])]
    below += _listed("Where the sources disagree", [links.told(s) for s in split])
    below += _listed("Worth knowing", [links.told(n.sentences[0]) for n in advice.notes])
    return top, [*_fit(below, _KEPT_FREE + len(top)), *_contexts(links.listed())]


def _cost(advice: Recommendation, links: Links) -> list[Block]:
    if advice.cost is None:
        return []
    months = "\n".join(
        f"{m.way:<22}{dollars(m.total):>14} a month  {m.training}".rstrip() for m in advice.cost.months
    )
    answer = f"{escape(advice.cost.answer)} {links.linked(advice.cost.citations)}"
    return [
        *_sections([f"*What it costs*\n{answer}"]),
        _section(f"```\n{clip(escape(months), LONGEST_TEXT - 10)}\n```"),
        *_contexts([escape(here(line)) for line in cost_lines(advice.cost)]),
    ]


def _platforms(advice: Recommendation, links: Links) -> list[Block]:
    rows = [
        f"{'*' if r.yours else ''}{escape(platform_name(r))}{'*' if r.yours else ''}: {escape(r.open_to)} "
        f"(read {read_on(r)}) {links.linked(r.citations)}"
        for r in advice.availability
    ]
    if rows and any(r.yours for r in advice.availability):
        rows.append(escape(PORTABLE))
    return _listed("Where it can be bought", rows)


def _under_advice(place: Place) -> list[Block]:
    """Buttons under an advice: the whole report, the reasons, a change; and was it any good?"""
    return [
        _actions([
            _button("Full report", "rung.report.md", place.value(form="md")),
            _button("Report as a page", "rung.report.html", place.value(form="html")),
            _button("Why?", "rung.say.why_advice", place.value(say="why?")),
            _button("Change something", "rung.edit", place.value()),
        ]),
        {"type": "context_actions", "elements": [{
            "type": "feedback_buttons", "action_id": "rung.judge",
            "positive_button": {"text": _plain("Helpful"), "value": place.value(good=True)},
            "negative_button": {"text": _plain("Not helpful"), "value": place.value(good=False)},
        }]},
        _context(escape(texts.reply("done_hint"))),
    ]  # fmt: skip


# -- blocks ---------------------------------------------------------------------------------------------------------


def _section(text: str) -> Block:
    # verbatim: Slack makes no link or mention of its own out of the text
    return {"type": "section", "text": {"type": "mrkdwn", "text": clip(text, LONGEST_TEXT), "verbatim": True}}


def _sections(lines: Iterable[str]) -> list[Block]:
    """Lines in as few sections as hold them."""
    return [_section(text) for text in _packed(lines)]


def _listed(name: str, lines: Sequence[str]) -> list[Block]:
    return _sections([f"*{escape(name)}*", *(f"• {line}" for line in lines)]) if lines else []


def _context(text: str) -> Block:
    told = {"type": "mrkdwn", "text": clip(text, LONGEST_TEXT), "verbatim": True}
    return {"type": "context", "elements": [told]}


def _contexts(lines: Iterable[str]) -> list[Block]:
    return [_context(text) for text in _packed(lines)]


def _packed(lines: Iterable[str]) -> Iterator[str]:
    text = ""
    for line in lines:
        line = clip(line, LONGEST_TEXT)
        if text and len(text) + 1 + len(line) > LONGEST_TEXT:
            yield text
            text = line
        else:
            text = f"{text}\n{line}" if text else line
    if text:
        yield text


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _button(text: str, action_id: str, value: str, style: str = "") -> Block:
    made = {
        "type": "button",
        "text": _plain(clip(text, LONGEST_BUTTON)),
        "action_id": action_id,
        "value": value,
    }
    return {**made, "style": style} if style else made


def _actions(elements: list[Block]) -> Block:
    return {"type": "actions", "elements": elements}


def _fit(blocks: Sequence[Block], reserved: int = 0) -> list[Block]:
    """As many blocks as a message takes; the last one says where the rest is."""
    most = MOST_BLOCKS - reserved
    if len(blocks) <= most:
        return list(blocks)
    return [*blocks[: most - 1], _context("There is more; the full report has it all.")]


def _streamed(block: Block) -> str:
    """A block as a piece of Markdown for a stream. Slack's link form is Markdown's other way round."""
    text: str = block["text"]["text"]
    if block["type"] == "header":
        return f"## {escape(text)}\n\n"
    text = re.sub(r"<(https?://[^|>]+)\|([^>]*)>", lambda m: f"[{_bracketed(m[2])}]({m[1]})", text)
    text = re.sub(r"^\*(.+?)\*(?= |$)", r"**\1**", text)
    return f"{text}\n\n"


def _bracketed(label: str) -> str:
    return label.replace("[", "\\[").replace("]", "\\]")


def _within(pieces: Iterable[str], most: int) -> Iterator[str]:
    """Pieces as long as their sum stays within the limit."""
    for piece in pieces:
        if len(piece) > most:
            return
        most -= len(piece)
        yield piece
