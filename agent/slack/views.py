"""Windows and the Home tab: what was understood, to be changed; a reason; my sessions. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel

from agent.choices import picked
from agent.conversation import State
from agent.facts import ANY_OF, NOTHING, RUBRIC_SLOTS, Facts, Proposal, Slot, Value
from agent.rubric import NAMES
from agent.slack.cards import LONGEST_BUTTON, LONGEST_TEXT, Block, clip, escape
from agent.writing import texts

#: Sessions listed in the Home tab; with a row and a button each they stay far within its 100 blocks.
MOST_LISTED: Final = 15


class Kept(BaseModel):
    """A session as the Home tab shows it."""

    thread_id: str
    opening: str
    last: datetime
    turns: int


def amend_view(facts: Facts, where: dict[str, Any]) -> Block:
    """A window with what was understood: one field a slot, what is known chosen already."""
    return _modal(
        "rung.amend", "What I understood", "Change", where, [_field(slot, facts) for slot in RUBRIC_SLOTS]
    )


def changed(about: dict[str, str], facts: Facts) -> list[Proposal]:
    """What the window changes, compared with what is known; fields left alone say nothing."""
    found: list[Proposal] = []
    for name, said in about.items():
        slot = Slot(name)
        numbers = [str(int(n) + 1) for n in said.split(",")]
        proposal = picked(", ".join(numbers), slot)
        if proposal is not None and proposal.value != facts.get(slot):
            found.append(proposal)
    return found


def reason_view(where: dict[str, Any]) -> Block:
    """Why was it not helpful? Kept with the session's number, not with its words."""
    field = {
        "type": "input", "block_id": "reason", "optional": True, "label": _plain("What was wrong or missing?"),
        "element": {"type": "plain_text_input", "action_id": "text", "multiline": True, "max_length": 3000},
    }  # fmt: skip
    return _modal("rung.reason", "Not helpful", "Send", where, [field])


def session_view(state: State, opening: str, url: str) -> Block:
    """One session: how it began, what was understood, what was advised, and the way to it."""
    rows = [f"• *{escape(u.label)}:* {escape(u.text)}" for u in texts.understood(state.facts)]
    blocks = [
        _text(f"*You began with*\n{escape(clip(' '.join(opening.split()), 600))}"),
        _text("\n".join(["*What I understood*", *rows]) if rows else "Nothing was understood yet."),
    ]
    if state.verdict is not None:
        rung = state.verdict.rung
        blocks.append(_text(f"*The advice*\nRung {rung}: {NAMES[rung]}"))
    if url:
        button = {"type": "button", "text": _plain("Go on there"), "action_id": "rung.link", "url": url}
        blocks.append({"type": "actions", "elements": [button]})
    return {"type": "modal", "title": _plain("A session"), "close": _plain("Close"), "blocks": blocks}


def home_view(sessions: Sequence[Kept], bot_user: str = "") -> Block:
    """The Home tab: how to begin, my sessions, forget them all."""
    mention = f"mention <@{bot_user}> in a channel" if bot_user else "mention me in a channel"
    blocks: list[Block] = [
        {"type": "header", "text": _plain("Should we prompt, add examples, retrieve, or fine-tune?")},
        _text(
            "Tell me what you are building and what you have tried. I ask only what can change the answer, and every "
            f"sentence I give you names its source.\n\nWrite to me under *Messages*, {mention}, or use `/rung` and a few words."
        ),
        {"type": "divider"},
    ]
    if not sessions:
        return {"type": "home", "blocks": [*blocks, _text("You have no sessions yet.")]}
    listed = [_row(s) for s in sessions[:MOST_LISTED]]
    return {
        "type": "home",
        "blocks": [*blocks, _text("*Your sessions*"), *listed, {"type": "divider"}, _forget()],
    }


# -- pieces ---------------------------------------------------------------------------------------------------------


def _modal(callback: str, title: str, submit: str, where: dict[str, Any], blocks: list[Block]) -> Block:
    return {
        "type": "modal", "callback_id": callback, "title": _plain(title), "submit": _plain(submit),
        "close": _plain("Leave as is"), "private_metadata": json.dumps(where), "blocks": blocks,
    }  # fmt: skip


def _field(slot: Slot, facts: Facts) -> Block:
    """A select with the choices of the slot's question, each by its number from 0."""
    asked = texts.question(slot.value)
    options = [
        {"text": _plain(clip(choice.label, LONGEST_BUTTON)), "value": str(n)}
        for n, choice in enumerate(asked.choices)
    ]
    value = facts.get(slot)
    known = [
        options[n]
        for n, c in enumerate(asked.choices)
        if _is(slot, texts.typed(slot, c), str(c.value), value)
    ]
    told = "not known" if value is None else texts.plain(slot, value)
    element: Block = {
        "type": "multi_static_select" if asked.several else "static_select",
        "action_id": "choice", "options": options, "placeholder": _plain(clip(told, 150)),
    }  # fmt: skip
    if known and asked.several:
        element["initial_options"] = known
    elif len(known) == 1:
        element["initial_option"] = known[0]
    label = _plain(texts.slot_name(slot))
    return {"type": "input", "block_id": slot.value, "optional": True, "label": label, "element": element}


def _is(slot: Slot, typed: Value, name: str, value: Value | None) -> bool:
    """Is this choice what is known, or one of several that are?"""
    if slot in ANY_OF and isinstance(value, frozenset):
        return name in value or (name == NOTHING and not value)
    return value is not None and typed == value


def _row(session: Kept) -> Block:
    opening = clip(escape(" ".join(session.opening.split())), 120) or "(no words yet)"
    when = f"{session.last:%Y-%m-%d %H:%M} UTC, {session.turns} turns"
    value = json.dumps({"session": session.thread_id})
    button = {"type": "button", "text": _plain("Open"), "action_id": "rung.open", "value": value}
    return {**_text(f"{opening}\n_{when}_"), "accessory": button}


def _forget() -> Block:
    sure = {
        "title": _plain("Delete everything?"), "confirm": _plain("Delete"), "deny": _plain("Keep"),
        "text": _plain("All your sessions and feedback are deleted here for good. Messages in Slack stay; delete those there."),
    }  # fmt: skip
    button = {"type": "button", "text": _plain("Delete my data"), "action_id": "rung.forget", "style": "danger",
              "value": "{}", "confirm": sure}  # fmt: skip
    return {"type": "actions", "elements": [button]}


def _text(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": clip(text, LONGEST_TEXT), "verbatim": True}}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def prompts() -> Iterable[dict[str, str]]:
    """What a new conversation offers to begin with."""
    return (
        {"title": "A chatbot on our documents", "message": "We want a chatbot that answers from our own documents; nothing is built yet."},
        {"title": "The prompt is not enough", "message": "We have one quick prompt, and the tone of the answers is off."},
        {"title": "Too expensive", "message": "Our prompt works, but it costs too much. Should we fine-tune a smaller model?"},
        {"title": "What is few-shot?", "message": "What is few-shot prompting?"},
    )  # fmt: skip
