"""A reply as Markdown (files, exports, `--format markdown`) and as rich text (the terminal, with colour or without).

User and corpus text is data here: rich markup is never parsed from it, Markdown's special characters are escaped.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from agent.conversation import Answer, Notice, Question
from agent.recommendation import (
    Citation,
    Cost,
    CostMonth,
    Original,
    Platform,
    Recommendation,
    Sentence,
    Understood,
)
from agent.rubric import NAMES
from agent.writing.platforms import read_on

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

#: How a rung's standing is told, and its colour.
STANDING: Final = {
    "fits": ("goes with it", "cyan"),
    "done": ("done", "green"),
    "not_needed": ("not needed", "bright_black"),
    "blocked": ("not yet", "yellow"),
    "later": ("later", "bright_black"),
}
STANCE: Final = {"start": "start here", "climb": "go here next", "stay": "stay here"}

_SECTIONS: Final = (
    ("Watch out", "mistakes"),
    ("Before anything else", "do_first"),
    ("What holds the next rung back", "blockers"),
    ("Along with it", "alongside"),
    ("What I had to assume", "assumptions"),
    ("The one trial that would tell most", "experiment"),
    ("Do next", "next_steps"),
    ("What would change this", "flips"),
)
#: How many flips fit a screen; the rest is in the export.
_FLIPS_SHOWN: Final = 3


class Sources:
    """Citations numbered in order of first use, after those that have a number already; `cited` are the ones used here."""

    def __init__(self, numbers: Mapping[str, int] | None = None) -> None:
        self.numbers: dict[str, int] = dict(numbers or {})
        self.cited: dict[str, Citation] = {}

    def used(self) -> list[tuple[int, Citation]]:
        """What was used, by number."""
        return sorted(((self.numbers[p], c) for p, c in self.cited.items()), key=lambda row: row[0])

    def marks(self, citations: Iterable[Citation]) -> str:
        found: list[int] = []
        for citation in citations:
            number = self.numbers.setdefault(citation.passage_id, len(self.numbers) + 1)
            self.cited.setdefault(citation.passage_id, citation)
            if number not in found:
                found.append(number)
        return "".join(f"[{n}]" for n in found)


def sections(advice: Recommendation) -> list[tuple[str, Sequence[Sentence]]]:
    """The parts of an explanation that have something to say, with their headings."""
    return [(title, part) for title, name in _SECTIONS if (part := getattr(advice, name))]


def standing(advice: Recommendation, rung: int) -> tuple[str, str]:
    """A rung's standing in words, and its colour."""
    step = advice.ladder[rung - 1]
    if rung == advice.verdict.rung:
        return STANCE[advice.verdict.stance], "bold green"
    return STANDING[step.status]


# -- Markdown -------------------------------------------------------------------------------------------------------


def markdown(advice: Recommendation) -> str:
    """The whole recommendation as Markdown, sources with their quotes at the end."""
    sources = Sources()

    def told(sentence: Sentence) -> str:
        return f"{_escape(sentence.text)} {sources.marks(sentence.citations)}"

    rung = advice.verdict.rung
    lines = [f"# Rung {rung}: {NAMES[rung]}", ""]
    if advice.provisional:
        lines += ["*Provisional: it rests on something you could not say.*", ""]
    lines += [
        f"**{told(advice.headline)}**",
        "",
        *(told(s) for s in advice.why),
        "",
        "| rung | | where it stands | why |",
        "|---|---|---|---|",
    ]
    for step in reversed(advice.ladder):
        mark = "**→**" if step.rung == rung else ""
        lines.append(
            f"| {step.rung} {step.name} | {mark} | {standing(advice, step.rung)[0]} | {told(step.why).replace('|', chr(92) + '|')} |"
        )
    for title, part in sections(advice):
        lines += ["", f"## {title}", "", *(f"- {told(s)}" for s in part)]
    if advice.notes:
        lines += [
            "",
            "## Worth knowing",
            "",
            *(f"- {' '.join(told(s) for s in note.sentences)}" for note in advice.notes),
        ]
    if advice.cost:
        lines += ["", "## What it costs", "", *_cost_markdown(advice.cost, sources)]
    if advice.availability:
        lines += [
            "",
            "## Where it can be bought",
            "",
            "| platform | new customers | what can be tuned | what ends, and when | read |",
            "|---|---|---|---|---|",
        ]
        for row in advice.availability:
            cells = (_escape(cell) for cell in (platform_name(row), row.open_to, row.tunable, row.ends))
            lines.append(f"| {' | '.join(cells)} | {read_on(row)} {sources.marks(row.citations)} |")
        lines += [
            "",
            _escape(OWN_PLATFORM if not any(row.yours for row in advice.availability) else PORTABLE),
        ]
    if advice.disagreements:
        lines += ["", "## Where the sources disagree"]
        for one in advice.disagreements:
            lines += ["", f"**{_escape(one.topic)}**", "", *(f"- {told(s)}" for s in one.sentences())]
    if advice.understood:
        lines += ["", "## What you told me", "", *(f"- {_escape(understood(u))}" for u in advice.understood)]
    lines += ["", "## Sources", ""]
    for citation in advice.citations():
        sources.marks([citation])
    for number, c in sources.used():
        lines.append(
            f"{number}. `{c.passage_id}` {_escape(c.source)}, {_escape(c.publisher)}: “{_escape(c.quote)}” <{c.url}> (read {c.accessed}{_stale(c)})"
        )
        lines += _original_markdown(c)
    return "\n".join(lines) + "\n"


def _stale(citation: Citation) -> str:
    return f"; {citation.stale}" if citation.stale else ""


def _original_markdown(citation: Citation) -> Iterator[str]:
    """The sentence of the page itself, opened with a click where Markdown is shown as HTML."""
    one = citation.original
    if one is not None:
        quote = html.escape(
            " ".join(one.quote.split()), quote=False
        )  # an HTML block: Markdown is not read in it
        yield f"   <details><summary>in the original</summary>“{quote}” ({where(one)})</details>"


def where(one: Original) -> str:
    """Where a sentence of an original stands: document, characters, edition."""
    return f"{one.document_id}, characters {one.start}–{one.end} of the text with SHA-256 {one.sha256[:12]}…, fetched {one.read}"


def _cost_markdown(cost: Cost, sources: Sources) -> Iterator[str]:
    yield f"{_escape(cost.answer)} {sources.marks(cost.citations)}"
    yield from ("", "| way | a month | a call | if you have it, training |", "|---|---|---|---|")
    for month in cost.months:
        yield f"| {month.way} | {dollars(month.total)} | {a_call(month)} | {month.training} |"
    yield ""
    yield from (f"- {_escape(line)}" for line in cost_lines(cost))


def cost_lines(cost: Cost) -> list[str]:
    """What stands below the table of months: the start, the chance, what turns it, and what it rests on."""
    lines = [f"To begin training: {dollars(cost.to_begin)}."]
    if cost.chance_in_a_year is not None:
        lines.append(f"Paid back within 12 months in {cost.chance_in_a_year:.0%} of the draws.")
    if cost.turns:
        lines.append(f"That turns {'; or '.join(cost.turns[:3])}.")
    lines.append(
        f"From what you told me ({', '.join(cost.given)}); the rest is assumed: `rung cost` shows it all."
    )
    rows = "; ".join(
        f"{p.name} (read {p.read}{', ' + p.age if p.age and p.age != p.read else ''}, evidence {p.evidence})"
        for p in cost.prices
    )
    return [*lines, f"Prices as of {cost.date}: {rows}.", *cost.notes]


def dollars(amount: Decimal) -> str:
    """To the cent: "$1,234.50"."""
    return f"${amount:,.2f}"


def a_call(month: CostMonth) -> str:
    return "" if month.per_call is None else f"${float(month.per_call):.4g}"


#: Said under the table of platforms.
OWN_PLATFORM: Final = "Which platform are you on? Tell me, and I mark its row."
PORTABLE: Final = "Whatever you choose, keep the data set in a form that another platform takes too."


def platform_name(row: Platform) -> str:
    return f"{row.name} (yours)" if row.yours else row.name


def understood(row: Understood) -> str:
    """ "Calls a day: 10,000 (“10k/day”)"."""
    words = f" (“{row.words}”)" if row.words and row.words.lower() != row.text.lower() else ""
    return f"{row.label}: {row.text}{words}"


def _escape(text: str) -> str:
    return re.sub(r"([\\`*_<>\[\]#|])", r"\\\1", text)


# -- the terminal ---------------------------------------------------------------------------------------------------


def screen(part: Notice | Answer | Question | Recommendation, width: int = 80) -> RenderableType:
    """One part of a reply for a terminal, coloured or not as the console decides."""
    if isinstance(part, Recommendation):
        return _advice(part, width)
    if isinstance(part, Question):
        return _question(part)
    if isinstance(part, Answer) and part.data and "kind" in part.data:
        from agent.contrast import CONTRAST
        from agent.side_by_side import screen as contrast

        said = Sentence(text=part.words or part.text, citations=part.citations) if part.worded else None
        return contrast(CONTRAST.validate_python(part.data), width, said)
    return _notice(part) if isinstance(part, Notice) else _answer(part)


def _question(part: Question) -> Text:
    from rich.text import Text

    text = Text()
    if part.understood:
        text.append("Before I advise, this is what I understood:\n")
        text.append_text(_table(part.understood))
    text.append(part.text, style="bold")
    for number, choice in enumerate(part.choices, 1):
        text.append(f"\n  {number}  ", style="cyan")
        text.append(choice.label)
    hint = part.hint or (
        "A number or your own words; “don't know” and “why?” are fine too." if part.choices else ""
    )
    if hint:
        text.append(f"\n{hint}", style="dim")
    return text


def _table(rows: Sequence[Understood]) -> Text:
    from rich.text import Text

    text = Text()
    for row in rows:
        text.append(f"  {row.label}: ")
        text.append(row.text, style="bold")
        if row.words and row.words.lower() != row.text.lower():
            words = row.words if len(row.words) <= 70 else row.words[:69] + "…"
            text.append(f"  “{words}”", style="dim")
        text.append("\n")
    return text


def _notice(part: Notice) -> Text:
    from rich.text import Text

    text = Text(part.text, style="dim")
    if part.noted and not part.text.startswith("Noted"):
        text.append("\n")
        text.append_text(_table(part.noted))
        text.rstrip()
    return text


def _answer(part: Answer) -> Text:
    from rich.text import Text

    text = Text(part.text)
    sources = Sources()
    sources.marks(part.citations)
    for number, c in sources.used():
        text.append(f"\n  [{number}] {c.passage_id}  ", style="cyan")
        text.append(f"{c.publisher}, read {read_when(c.accessed)}", style="dim")
        text.append(_stale(c), style="yellow")
    return text


def _advice(advice: Recommendation, width: int, sources: Sources | None = None) -> RenderableType:
    """The advice on about a screen: of each note its first sentence; `/more` and the export have all."""
    from rich.console import Group
    from rich.text import Text

    sources = sources or Sources()
    rung = advice.verdict.rung
    title = Text(f"Rung {rung}: {NAMES[rung]}", style="bold green")
    if advice.provisional:
        title.append("  (provisional)", style="yellow")
    parts: list[RenderableType] = [
        title,
        _told(advice.headline, sources, "bold"),
        Text(),
        ladder(advice, width),
        Text(),
    ]
    parts += [_told(s, sources) for s in advice.why]
    for name, part in sections(advice):
        parts += _section(name, part[:_FLIPS_SHOWN] if part is advice.flips else part, sources)
    parts += _cost(advice.cost, sources)
    parts += _platforms(advice.availability, sources)
    split = [s for one in advice.disagreements for s in (one.guide, one.others[0])]
    parts += _section("Where the sources disagree (/more)", split, sources)
    parts += _section("Worth knowing (/more)", [note.sentences[0] for note in advice.notes], sources)
    parts += [Text("\nSources, word for word: /sources", style="bold"), _listed(sources)]
    return Group(*parts)


def _cost(cost: Cost | None, sources: Sources) -> list[RenderableType]:
    """The months of the four ways, and what they rest on."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    if cost is None:
        return []
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    for month in cost.months:
        table.add_row(month.way, f"{dollars(month.total)} a month", month.training)
    said = Text(f"{cost.answer} {sources.marks(cost.citations)}")
    below = Text("\n".join(cost_lines(cost)), style="dim")
    return [Text("\nWhat it costs", style="bold"), *(Padding(p, (0, 0, 0, 2)) for p in (said, table, below))]


def _platforms(rows: Sequence[Platform], sources: Sources) -> list[RenderableType]:
    """The table of platforms: can newcomers begin, and when was that read."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    if not rows:
        return []
    table = Table.grid(padding=(0, 1))
    for row in rows:
        style = "bold green" if row.yours else "" if row.is_open else "dim"
        table.add_row(
            Text("▶" if row.yours else "•", style=style),
            Text(row.name, style=style),
            Text(f"{row.open_to} (read {read_on(row)}) {sources.marks(row.citations)}", style=style),
        )
        if row.yours:
            table.add_row("", "", Text(f"tunable: {row.tunable}; ends: {row.ends}", style=style))
    asked = PORTABLE if any(row.yours for row in rows) else OWN_PLATFORM
    return [Text("\nWhere it can be bought", style="bold"), Padding(table, (0, 0, 0, 2)), Text(f"  {asked}")]


def more(advice: Recommendation) -> RenderableType:
    """Every note in full, every flip, why each rung stands where it does, and passages that fit the case."""
    from rich.console import Group

    sources = Sources(_numbers(advice))
    parts = _section("The ladder", [step.why for step in reversed(advice.ladder)], sources)
    for note in advice.notes:
        parts += _section(note.name.replace("_", " ").capitalize(), note.sentences, sources)
    for one in advice.disagreements:
        parts += _section(f"Sources disagree: {one.topic}", one.sentences(), sources)
    parts += _section("What would change this", advice.flips, sources)
    fitting = [Sentence(text=c.quote, citations=(c,)) for c in advice.further]
    parts += _section("From the sources, close to your case", fitting, sources)
    return Group(*parts, _listed(sources))


def _section(name: str, sentences: Sequence[Sentence], sources: Sources) -> list[RenderableType]:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    if not sentences:
        return []
    rows = Table.grid(padding=(0, 1))
    for sentence in sentences:
        rows.add_row("•", _told(sentence, sources))
    return [Text(f"\n{name}", style="bold"), Padding(rows, (0, 0, 0, 2))]


def _told(sentence: Sentence, sources: Sources, style: str = "") -> Text:
    from rich.text import Text

    text = Text(sentence.text, style=style)
    text.append(f" {sources.marks(sentence.citations)}", style="cyan not bold")
    return text


def _listed(sources: Sources) -> Text:
    """The sources by number: passage and when it was read."""
    from rich.text import Text

    text = Text()
    for number, c in sources.used():
        text.append(f"  [{number}] ", style="cyan")
        text.append(f"{c.passage_id} ")
        text.append(f" read {read_when(c.accessed)}", style="dim")
        text.append(f"{_stale(c)}\n", style="yellow")
    text.rstrip()
    return text


def read_when(accessed: str) -> str:
    """The dates alone; the digest has the details."""
    return re.split(r"[;(,]", accessed)[0].strip()


def ladder(advice: Recommendation, width: int = 80) -> Text:
    """The ladder drawn, the verdict's rung marked; without words beside it where the screen is narrow."""
    from rich.text import Text

    text = Text()
    for step in reversed(advice.ladder):
        here = step.rung == advice.verdict.rung
        words, style = standing(advice, step.rung)
        text.append("  ┃", style="bold")
        text.append("━━━" if here else "───", style=style)
        text.append("┃ ", style="bold")
        text.append("▶ " if here else "  ", style="bold green")
        text.append(
            f"{step.rung} {step.name}".ljust(19) if width >= 60 else f"{step.rung} {step.name} ", style=style
        )
        text.append(f" {words}", style=style)
        text.append("\n")
    text.rstrip()
    return text


def quotes(advice: Recommendation | None, citations: Sequence[Citation] = ()) -> Text:
    """Every cited passage with its words, its address and the date it was read."""
    from rich.text import Text

    sources = Sources(_numbers(advice) if advice else None)
    sources.marks(citations or (advice.citations() if advice else ()))
    at_hand = {n for n, cited in numbered(advice).items() if any(c.original for c in cited)} if advice else ()
    text = Text()
    for number, c in sources.used():
        text.append(f"[{number}] {c.passage_id}", style="cyan")
        text.append(f"  {c.source}, {c.heading}\n")
        text.append(f"    “{c.quote}”\n", style="italic")
        text.append(f"    {c.url}  (read {c.accessed}{_stale(c)})\n", style="dim")
        if number in at_hand:
            text.append(f"    in its page, word for word: /quote {number}\n", style="dim")
    text.rstrip()
    return text


def numbered(advice: Recommendation) -> dict[int, list[Citation]]:
    """What is cited of each passage, by the number that the advice gives it."""
    return {n: [c for c in advice.citations() if c.passage_id == p] for p, n in _numbers(advice).items()}


def _numbers(advice: Recommendation) -> Mapping[str, int]:
    """The numbers on the screen, and after them those of what only `more` and the export show."""
    sources = Sources()
    _advice(advice, 80, sources)
    sources.marks(advice.citations())
    return sources.numbers


#: Characters shown before and after a sentence of an original.
AROUND: Final = 300


def quoted(one: Original, kept: str | None) -> Text:
    """A sentence of an original marked in its surroundings; alone where the text is not kept any more."""
    from rich.text import Text

    before = after = ""
    if kept is not None:
        start = max(0, one.start - AROUND)
        before = ("…" if start else "") + kept[start : one.start]
        after = kept[one.end : one.end + AROUND] + ("…" if one.end + AROUND < len(kept) else "")
    text = Text(before, style="dim")
    text.append(f"»{one.quote}«", style="bold")
    text.append(after, style="dim")
    text.append(f"\n\n{one.url}\n{where(one)}", style="dim")
    return text


# The same parts, for `agent/side_by_side.py`.
escape, listed, section, told = _escape, _listed, _section, _told
