"""Slack's rules on what is sent to it, by slack_sdk's own models and where those say nothing, by Slack's reference."""

from __future__ import annotations

from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

#: Longest texts where the models do not look.
_LONGEST = {"section": 3000, "context": 3000, "header": 150}


class BadBlocks(ValueError):
    """What Slack would answer with `invalid_blocks`."""


def check_blocks(blocks: list[dict[str, Any]], most: int = 50) -> None:
    """
    Raises:
        BadBlocks: Slack would not take these.
    """
    if not isinstance(blocks, list) or not 0 < len(blocks) <= most:
        raise BadBlocks(f"{len(blocks)} blocks; 1 to {most} are taken")
    actions: list[str] = []
    for block in blocks:
        _modelled(block)
        for text in _texts(block):
            if not 0 < len(text) <= _LONGEST.get(block["type"], 3000):
                raise BadBlocks(f"a text of {len(text)} characters in a {block['type']}")
        if block["type"] in ("actions", "context_actions"):
            ids = [e["action_id"] for e in block["elements"]]
            if len(set(ids)) < len(ids) or not 0 < len(ids) <= 25:
                raise BadBlocks(f"actions {ids}")
            actions += ids
    if len(set(actions)) < len(actions):
        raise BadBlocks(f"an action_id twice in a message: {actions}")


def check_view(view: dict[str, Any]) -> None:
    """
    Raises:
        BadBlocks: Slack would not open or publish this.
    """
    try:
        View(**view).validate_json()
    except SlackObjectFormationError as error:
        raise BadBlocks(str(error)) from error
    if (
        len(view.get("private_metadata", "")) > 3000
        or len(str((view.get("title") or {}).get("text", ""))) > 24
    ):
        raise BadBlocks("private_metadata or title is too long")
    check_blocks(view["blocks"], 100)


def _modelled(block: dict[str, Any]) -> None:
    known = Block.parse(block)
    if known is None or type(known) is Block:
        raise BadBlocks(f"no such block: {block.get('type')}")
    try:
        made = known.to_dict()
    except SlackObjectFormationError as error:
        raise BadBlocks(str(error)) from error
    lost = set(block) - set(made)
    if lost:
        raise BadBlocks(f"{block['type']} has no {lost}")
    for element in [
        *(block.get("elements") or ()),
        *filter(None, [block.get("accessory"), block.get("element")]),
    ]:
        _element(element)


def _element(element: dict[str, Any]) -> None:
    kind = element["type"]
    if kind == "button" and (len(element["text"]["text"]) > 75 or len(element.get("value", "")) > 2000):
        raise BadBlocks("a button with too much on it")
    if kind in ("checkboxes", "static_select", "multi_static_select"):
        options = element["options"]
        if not 0 < len(options) <= (10 if kind == "checkboxes" else 100):
            raise BadBlocks(f"{len(options)} options in {kind}")
        if any(len(o["text"]["text"]) > 75 or len(o["value"]) > 150 for o in options):
            raise BadBlocks("an option is too long")
        first = element.get("initial_options") or [o for o in [element.get("initial_option")] if o]
        if any(o not in options for o in first):
            raise BadBlocks("an initial option that is no option")
    if kind == "feedback_buttons" and any(
        len(element[b]["value"]) > 2000 for b in ("positive_button", "negative_button")
    ):
        raise BadBlocks("feedback with too long a value")


def _texts(block: dict[str, Any]) -> list[str]:
    found = [block["text"]["text"]] if isinstance(block.get("text"), dict) else []
    found += [f["text"] for f in block.get("fields") or ()]
    if block["type"] == "context":
        found += [e["text"] for e in block["elements"] if "text" in e]
    return found


def live_tokens(text: str, allowed_urls: tuple[str, ...] = ("http://", "https://")) -> list[str]:
    """Slack markup in a text that would come alive and is no web link: mentions, channels, commands."""
    import re

    return [t for t in re.findall(r"<([^<>]+)>", text) if not t.startswith(allowed_urls)]
