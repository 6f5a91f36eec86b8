"""Verdicts side by side on a terminal and as Markdown: what if, the way to a rung, two use cases.

Two ladders stand beside each other where the screen is wide enough, one above the other where it is not. Text of people
and sources is data: markup in it is never parsed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.contrast import Compared, Differing, Moved, Reached, Side, WhatIf
from agent.recommendation import Sentence, Step
from agent.render import STANCE, STANDING, Sources, escape, listed, section, told
from agent.writing import texts
from agent.writing.contrasts import (
    assumed_in_words,
    compared_in_words,
    decisive_in_words,
    gate_in_words,
    reached_in_words,
    what_comes_of_it,
)

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

#: Columns of one ladder with its words ("━━━ ▶ go here next"), and of the rungs' names before both.
_LADDER: Final = 21
_NAMES: Final = 23
#: From this width two ladders fit beside each other.
WIDE: Final = _NAMES + 2 * _LADDER + 2


def screen(part: WhatIf | Reached | Compared, width: int, said: Sentence | None = None) -> RenderableType:
    """One of them for a terminal of so many columns, below what was `said` of it for this person."""
    from rich.console import Group
    from rich.text import Text

    sources = Sources()
    lead: list[RenderableType] = [] if said is None else [told(said, sources), Text()]
    return Group(*lead, _drawn(part, width, sources))


def _drawn(part: WhatIf | Reached | Compared, width: int, sources: Sources) -> RenderableType:
    match part:
        case WhatIf():
            return _what_if(part, width, sources)
        case Reached():
            return _reached(part, sources)
        case Compared():
            return _compared(part, width, sources)


# -- what if ----------------------------------------------------------------------------------------------------------


def _what_if(part: WhatIf, width: int, sources: Sources) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    title = Text("What if", style="bold")
    for change in part.changes:
        title.append("\n  ")
        title.append_text(_change(change))
    lead = what_comes_of_it(part.model_copy(update={"after": _bare(part.after), "mistakes_come": ()}))
    parts: list[RenderableType] = [
        title,
        Text(),
        ladders(part.before, part.after, width),
        Text(),
        Text(lead, style="bold"),
    ]
    parts += section("Why", part.after.why, sources)
    parts += section("What moves on the ladder", [_move(m) for m in part.moved], sources)
    parts += section("What would open the next gate", part.after.blockers, sources)
    parts += section("Then watch out", part.mistakes_come, sources)
    parts += section("No longer to watch out for", part.mistakes_gone, sources)
    if part.after.assumed:
        parts.append(_line("Not known, so taken as", assumed_in_words(part.after.assumed)))
    parts.append(Text(f"\n{texts.reply('what_if_end')}", style="dim"))
    if part.then != 4 and (part.same or part.after.blockers):
        parts.append(Text(texts.reply("what_if_reach"), style="dim"))
    return Group(*parts, listed(sources))


def _bare(side: Side) -> Side:
    """The side without what is told in sections of its own."""
    return side.model_copy(update={"why": (), "assumed": ()})


def _change(change: Differing) -> Text:
    from rich.text import Text

    text = Text(f"{change.label}: ")
    if change.before != change.after:
        text.append(change.before_text, style="dim")
        text.append(" → ")
    text.append(change.after_text, style="bold")
    if change.note:
        text.append(f"  ({change.note})", style="yellow")
    return text


def _move(moved: Moved) -> Sentence:
    lead = f"{moved.rung} {moved.name}: "
    lead += moved.after if moved.before == moved.after else f"{moved.before} → {moved.after}"
    return Sentence(text=f"{lead}. {moved.why.text}", citations=moved.why.citations)


# -- the way to a rung ------------------------------------------------------------------------------------------------


def _reached(part: Reached, sources: Sources) -> RenderableType:
    from rich.console import Group
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    lead = reached_in_words(part).split("\n")[0]
    if not part.gates:
        return Group(told(Sentence(text=lead, citations=part.standing.citations), sources), listed(sources))
    rows = Table.grid(padding=(0, 1))
    for gate in part.gates:
        style = "green" if gate.open else "bold yellow"
        rows.add_row(
            Text("✓" if gate.open else "✗", style=style),
            Text("open" if gate.open else "closed", style=style),
            told(Sentence(text=gate_in_words(gate), citations=gate.why.citations), sources),
        )
    parts: list[RenderableType] = [Text(lead, style="bold"), Text(), Padding(rows, (0, 0, 0, 2))]
    for title, gates in (
        ("In your hands", [g for g in part.gates if not g.open and g.in_their_hands]),
        ("It has to turn out so", [g for g in part.gates if not g.open and not g.in_their_hands]),
    ):
        if gates:
            parts.append(Text(f"\n{title}", style="bold"))
            parts += [Text(f"  • {g.label} → {g.needs_text}") for g in gates]
    if part.others:
        parts.append(_line("Another way, just as short", "; or ".join(part.others)))
    if any(not g.open and not g.known for g in part.gates):
        parts.append(Text(f"\n{texts.reply('reach_tell')}", style="dim"))
    return Group(*parts, Text(), listed(sources))


# -- two use cases ----------------------------------------------------------------------------------------------------


def _compared(part: Compared, width: int, sources: Sources) -> RenderableType:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    rows = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for title in ("", part.a.title, part.b.title):
        rows.add_column(Text(title), overflow="fold")
    for one in part.differ:
        style = "bold" if one.note else ""
        label = f"{one.label} (decides it alone)" if one.note else one.label
        rows.add_row(Text(label, style=style), Text(one.before_text, style=style), Text(one.after_text))
    lead = compared_in_words(part).split("\n")[0]
    parts: list[RenderableType] = [Text(lead, style="bold"), Text(), ladders(part.a, part.b, width)]
    if part.differ:
        parts += [Text("\nWhere they differ", style="bold"), rows]
    else:
        parts.append(Text(f"\n{compared_in_words(part).splitlines()[-1]}"))
    if part.a.rung != part.b.rung:
        parts.append(Text("\nWhat makes the difference", style="bold"))
        parts += [Text(f"  • {line}") for line in decisive_in_words(part)]
    for side in (part.a, part.b):
        why = (*side.why, *side.blockers)
        parts += section(f"Why {side.title}: rung {side.rung}, {side.name}", why, sources)
        if side.assumed:
            parts.append(Text(f"  Not known, so taken as: {assumed_in_words(side.assumed)}", style="dim"))
    return Group(*parts, Text(), listed(sources))


def comparison_markdown(part: Compared) -> str:
    """Two use cases as a Markdown document, sources with their quotes at the end."""
    sources = Sources()

    def cell(text: str) -> str:
        return " ".join(escape(text).split())

    def line(sentence: Sentence) -> str:
        return f"- {escape(sentence.text)} {sources.marks(sentence.citations)}"

    a, b = part.a, part.b
    lines = [
        f"# {cell(a.title)} and {cell(b.title)}",
        "",
        f"**{cell(compared_in_words(part).splitlines()[0])}**",
        "",
        f"| rung | {cell(a.title)} | {cell(b.title)} |",
        "|---|---|---|",
    ]
    for one, two in zip(reversed(a.ladder), reversed(b.ladder), strict=True):
        lines.append(f"| {one.rung} {one.name} | {_words(a, one)} | {_words(b, two)} |")
    lines += ["", "## Where they differ", ""]
    if part.differ:
        lines += [f"| | {cell(a.title)} | {cell(b.title)} | |", "|---|---|---|---|"]
        lines += [
            f"| {one.label} | {cell(one.before_text)} | {cell(one.after_text)} | {one.note} |"
            for one in part.differ
        ]
    else:
        lines.append(compared_in_words(part).splitlines()[-1])
    if a.rung != b.rung:
        lines += ["", "## What makes the difference", "", *(f"- {cell(x)}" for x in decisive_in_words(part))]
    for side in (a, b):
        lines += ["", f"## Why {cell(side.title)}: rung {side.rung}, {side.name}", ""]
        lines += [line(s) for s in (*side.why, *side.blockers)]
        if side.assumed:
            lines.append(f"- Not known, so taken as: {escape(assumed_in_words(side.assumed))}")
    lines += ["", "## Sources", ""]
    for passage_id, number in sources.numbers.items():
        c = sources.cited[passage_id]
        lines.append(
            f"{number}. `{passage_id}` {escape(c.source)}, {escape(c.publisher)}: “{escape(c.quote)}” <{c.url}> (read {c.accessed})"
        )
    return "\n".join(lines) + "\n"


# -- ladders ----------------------------------------------------------------------------------------------------------


def ladders(a: Side, b: Side, width: int) -> Text:
    """Two ladders: beside each other with the names once, or one above the other on a narrow screen."""
    return _beside(a, b) if width >= WIDE else _above(a, b)


def _beside(a: Side, b: Side) -> Text:
    from rich.text import Text

    text = Text(" " * _NAMES)
    for side in (a, b):
        text.append(_cut(side.title, _LADDER - 2).ljust(_LADDER + 1), style="bold")
    text.rstrip()
    for one, two in zip(reversed(a.ladder), reversed(b.ladder), strict=True):
        differs = _words(a, one) != _words(b, two)
        text.append(f"\n  {one.rung} {one.name}".ljust(_NAMES + 1), style="bold" if differs else "")
        for side, step in ((a, one), (b, two)):
            drawn = _rung(side, step)
            drawn.append(" " * (_LADDER + 1 - drawn.cell_len))
            text.append_text(drawn)
        text.rstrip()
    return text


def _above(a: Side, b: Side) -> Text:
    from rich.text import Text

    text = Text()
    for side in (a, b):
        text.append(f"{side.title}: rung {side.rung}, {side.name}\n", style="bold")
        for step in reversed(side.ladder):
            text.append("  ")
            here = step.rung == side.rung
            text.append_text(_rung(side, step, name=f"{step.rung} {step.name}" if here else str(step.rung)))
            text.append("\n")
    text.rstrip()
    return text


def _rung(side: Side, step: Step, name: str = "") -> Text:
    """ "┃━━━┃ ▶ go here next"."""
    from rich.text import Text

    here = step.rung == side.rung
    style = "bold green" if here else STANDING[step.status][1]
    text = Text("┃", style="bold")
    text.append("━━━" if here else "───", style=style)
    text.append("┃", style="bold")
    text.append(" ▶ " if here else "   ", style="bold green")
    text.append(f"{name}  {_words(side, step)}" if name else _words(side, step), style=style)
    return text


def _words(side: Side, step: Step) -> str:
    """A rung's standing in words."""
    return STANCE[side.stance] if step.rung == side.rung else STANDING[step.status][0]


def _line(title: str, words: str) -> Text:
    from rich.text import Text

    text = Text(f"\n{title}: ", style="bold")
    text.append(f"{words}.", style="not bold")
    return text


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
