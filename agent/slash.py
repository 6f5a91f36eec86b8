"""Slash commands of the terminal: what each does, and how it is done."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from agent.advisor import Advisor
from agent.conversation import Reply
from agent.errors import BadInput
from agent.facts import RUBRIC_SLOTS, Slot
from agent.recommendation import Recommendation
from agent.render import more, numbered, quoted, quotes, understood
from agent.rubric import NAMES
from agent.writing import texts

if TYPE_CHECKING:
    from rich.console import RenderableType

COMMANDS: Final = {
    "/why": "why this question, or why this advice",
    "/facts": "what I have understood so far",
    "/edit": "change one answer: /edit volume",
    "/undo": "take back the last answer",
    "/more": "all that is worth knowing about this advice",
    "/sources": "every source cited, word for word",
    "/quote": "a source's sentence in its original page: /quote 3",
    "/what-if": "both verdicts side by side: /what-if volume=20k/day examples=2000",
    "/reach": "what it would take to get to a rung: /reach 4",
    "/compare": "this use case beside another conversation: /compare ID",
    "/cost": "what the language model used, in tokens and money",
    "/export": "save the advice as a memo: /export advice.html (or .md, .json, .pdf)",
    "/kit": "write files to begin with on Monday: /kit DIR",
    "/restart": "start again with another case",
    "/help": "this list",
    "/quit": "leave; the conversation is kept",
}

#: Commands that are messages like any other.
_SAID: Final = {"/why": "why?", "/undo": "undo", "/restart": "restart", "/skip": "skip"}


@dataclass(frozen=True)
class Done:
    """What a command gave: a reply of the advisor's, something to print, or the wish to leave."""

    reply: Reply | None = None
    show: RenderableType | None = None
    leave: bool = False


def is_command(line: str) -> bool:
    """Does the line name a command, or look like one that does not exist ("/sorces")?"""
    first, _, rest = line.strip().partition(" ")
    return (
        first.lower() in COMMANDS
        or line.strip().lower() in ("quit", "exit")
        or (first.startswith("/") and not rest and first[1:].isalpha())
    )


def run(line: str, advisor: Advisor, thread_id: str) -> Done:
    """Carry out one slash command.

    Raises:
        BadInput: no such command, or it cannot be done; what to type in its place.
    """
    name, _, rest = line.strip().partition(" ")
    name, rest = name.lower(), rest.strip()
    if name in ("/quit", "/exit", "/q", "quit", "exit"):
        return Done(leave=True)
    if name in _SAID:
        return Done(reply=advisor.reply(thread_id, _SAID[name]))
    match name:
        case "/what-if" | "/reach":
            return Done(reply=advisor.reply(thread_id, line.strip()))
        case "/compare":
            return Done(reply=advisor.compare(thread_id, _another(rest, advisor, thread_id)))
        case "/help":
            return Done(show=_plain("\n".join(f"{command:10} {what}" for command, what in COMMANDS.items())))
        case "/facts":
            rows = texts.understood(advisor.facts(thread_id))
            return Done(show=_plain("\n".join(understood(row) for row in rows) or "Nothing yet."))
        case "/edit":
            return Done(reply=advisor.edit(thread_id, _slot(rest)))
        case "/sources":
            return Done(show=quotes(_advice(advisor, thread_id)))
        case "/quote":
            return Done(show=_quote(rest, advisor, thread_id))
        case "/more":
            return Done(show=more(_advice(advisor, thread_id)))
        case "/cost":
            return Done(show=_plain(_cost(advisor, thread_id)))
        case "/export":
            return Done(show=_plain(_export(rest, advisor, thread_id)))
        case "/kit":
            return Done(show=_plain(_kit(rest, advisor, thread_id)))
        case _:
            raise BadInput(f"There is no command {name}. Try: {' '.join(COMMANDS)}")


def _cost(advisor: Advisor, thread_id: str) -> str:
    if not advisor.model_told:
        return texts.reply("no_model")
    turn, whole = advisor.used(thread_id)
    return "\n".join(
        texts.used(what, usage) for what, usage in (("last turn", turn), ("conversation", whole))
    )


def _slot(name: str) -> Slot:
    for number, slot in enumerate(RUBRIC_SLOTS, 1):
        if name.lower() in (str(number), slot.value, texts.slot_name(slot).lower()):
            return slot
    listed = "\n".join(f"  {number}  {texts.slot_name(slot)}" for number, slot in enumerate(RUBRIC_SLOTS, 1))
    raise BadInput(f"Which answer? For example /edit 6\n{listed}")


def _another(thread_id: str, advisor: Advisor, this: str) -> str:
    """The conversation to compare with.

    Raises:
        BadInput: none was named; the latest are listed.
    """
    if thread_id:
        return thread_id
    listed = "\n".join(
        f"  {s.thread_id}  {' '.join(s.opening.split())[:60]}" for s in advisor.others(this)[:9]
    )
    raise BadInput(
        f"Compare with which conversation? For example /compare ID\n{listed}"
        if listed
        else "There is no other conversation to compare with yet. `rung chat` starts one."
    )


def completions(
    typed: str, threads: Callable[[], Iterable[tuple[str, str]]]
) -> Iterator[tuple[str, int, str]]:
    """What could be typed next: the text, where it begins counted back from the end, and what it means.

    `threads` gives the conversations that can be compared with, each with how it began.
    """
    from agent import given  # its patterns are not light

    name, space, rest = typed.partition(" ")
    last = rest.rsplit(" ", 1)[-1]
    if not typed.startswith("/"):
        return
    if not space:
        found: Iterable[tuple[str, str]] = COMMANDS.items()
        last = typed
    elif name == "/what-if" and "=" in last:
        slot = given.slot_named(last.split("=")[0])
        last = re.split(r"[=+]", last)[-1]
        found = given.suggestions(slot) if slot else ()
    elif name == "/what-if":
        found = [(f"{s.value}=", texts.slot_name(s)) for s in given.SUPPOSABLE]
    elif name == "/reach":
        found = [(str(rung), name) for rung, name in NAMES.items()]
    elif name == "/edit":
        found = [(s.value, texts.slot_name(s)) for s in RUBRIC_SLOTS]
    elif name == "/compare":
        found = threads()
    else:
        return
    for text, meaning in found:
        if text.startswith(last.lower()) and text != last:
            yield text, -len(last), meaning


def _advice(advisor: Advisor, thread_id: str) -> Recommendation:
    advice = advisor.recommendation(thread_id)
    if advice is None:
        raise BadInput("There is no advice yet. Answer on, or say “just tell me”.")
    return advice


def _quote(number: str, advisor: Advisor, thread_id: str) -> RenderableType:
    """The sentences behind a source of the advice, by its number in /sources."""
    from rich.text import Text

    having = {
        str(n): list(dict.fromkeys(c.original for c in cited if c.original))
        for n, cited in numbered(_advice(advisor, thread_id)).items()
        if any(c.original for c in cited)
    }
    if number not in having:
        raise BadInput(
            f"Which source of /sources? For example /quote {next(iter(having))}. Originals are at hand for {', '.join(having)}."
            if having
            else "No original is at hand for these sources. `rung sources sync` fetches them."
        )
    kept = advisor.corpus.kept
    return Text("\n\n").join(quoted(one, kept(one.document_id, one.sha256)) for one in having[number])


def _export(name: str, advisor: Advisor, thread_id: str) -> str:
    from agent.memo.file import save
    from agent.memo.memo import asked_in, memo

    turns = advisor.turns(thread_id)
    made = memo(asked_in(turns), _advice(advisor, thread_id), turns[-1].at.date())
    return f"Saved to {save(made, Path(name or 'rung-advice.md'))}"


def _kit(name: str, advisor: Advisor, thread_id: str) -> str:
    from agent.kit.files import kit
    from agent.kit.folder import told, write_kit

    folder = Path(name or "rung-kit")
    files = kit(_advice(advisor, thread_id), advisor.facts(thread_id), advisor.corpus)
    write_kit(folder, files)
    return told(folder, files)


def _plain(text: str) -> RenderableType:
    from rich.text import Text

    return Text(text)
