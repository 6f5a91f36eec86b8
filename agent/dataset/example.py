"""One training example in the chat format, and the rules it has to keep.

The format is OpenAI's: `{"messages": [{"role": ..., "content": ...}, ...]}`, with tools, weights, names and content in
parts. Two ways lead to the same `Example`: `shape_of` knows from the roles alone that an everyday example is in order,
and `examine` looks at everything else and says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import mmh3
import orjson

from agent.dataset.kinds import ERRORS

INSTRUCTING = frozenset({"system", "developer"})
ANSWERS_OF_TOOLS = frozenset({"tool", "function"})
ROLES = INSTRUCTING | {"user", "assistant"} | ANSWERS_OF_TOOLS
EXAMPLE_KEYS = frozenset({"messages", "tools", "parallel_tool_calls", "functions"})
MESSAGE_KEYS = frozenset(
    {"role", "content", "name", "weight", "tool_calls", "tool_call_id", "function_call", "refusal"}
)
OTHER_FORMATS = (
    ("contents", "Gemini's format (“contents”)"),
    ("conversations", "the ShareGPT format (“conversations”)"),
    ("instruction", "the Alpaca format (“instruction”)"),
    ("text", "plain text to continue (“text”)"),
    ("prompt", "a prompt without a completion"),
    ("question", "question and answer as plain fields"),
    ("input", "input and output as plain fields"),
)
USER_SIDES = ("prompt", "question", "input", "instruction", "text")
"""Where lines of a test file in another format keep what the user says."""
MAX_IMAGES = 10
BETWEEN = "\x1f"
"""Stands between the texts of two messages; no text in good order contains it."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, eq=False)
class Shape:
    """A sequence of roles in good order. Each is made once and known by identity, which is quick."""

    roles: tuple[str, ...]
    asking: tuple[int, ...]
    """Where the user's side stands: the user's messages, or else the instructions."""
    others: tuple[int, ...]
    asks: int | None
    """The only message of the user's side, if there is one only."""
    seed: int
    """Makes the fingerprint of the input depend on who said what."""


@dataclass
class Example:
    """What one line says, as far as it can be read, and what is wrong with it."""

    roles: tuple[str, ...] = ()
    asked: str = ""
    """The user's side."""
    rest: str = ""
    """All other text of the line."""
    answer: str = ""
    given: str = ""
    """Everything before the answer."""
    problems: dict[str, str] = field(default_factory=dict)
    """Code to sentence, one a kind."""

    @property
    def comparable(self) -> bool:
        return not self.problems.keys() & ERRORS

    def blame(self, code: str, text: str) -> None:
        self.problems.setdefault(code, text)


def order_problems(roles: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What is wrong with the order of speakers."""
    if "assistant" not in roles:
        yield "no-assistant", "no message is from the assistant; add what it should say"
    elif roles[-1] != "assistant":
        yield (
            "ends-without-answer",
            f"the last message is from the {roles[-1]}; the example must end with what the assistant should say",
        )
    if "user" not in roles:
        yield "no-user", "no message is from the user; check that this is what the model will get in use"
    for n, (before, after) in enumerate(pairwise(roles), start=2):
        if before == after and after in ("user", "assistant"):
            yield (
                "same-role-twice",
                f"messages {n - 1} and {n} are both from the {after}; join them or restore the turn between",
            )
            break
    for n, role in enumerate(roles[1:], start=2):
        if role in INSTRUCTING:
            yield "system-not-first", f"message {n} is a {role} message; put it first"
            break


def shape_of(roles: tuple[str, ...]) -> Shape | None:
    """The shape of roles that are in good order without tools; None means that `examine` has to look."""
    if not roles or not set(roles) <= INSTRUCTING | {"user", "assistant"} or any(order_problems(roles)):
        return None
    asking, others = sides(roles)
    return Shape(roles, asking, others, asking[0] if len(asking) == 1 else None, seed_of(roles))


def sides(roles: tuple[str, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Which messages are the user's side (or the instructions, or at least the last message), and which are not."""
    asking = (
        tuple(i for i, role in enumerate(roles) if role == "user")
        or tuple(i for i, role in enumerate(roles) if role in INSTRUCTING)
        or (len(roles) - 1,)
    )
    return asking, tuple(i for i in range(len(roles)) if i not in asking)


def seed_of(roles: tuple[str, ...]) -> int:
    return int(mmh3.hash(",".join(roles), signed=False))


def fingerprint(text: str, seed: int = 0) -> int:
    """64 bits that stand for a text. No defence against people who want two texts to look the same."""
    return mmh3.hash64(text, seed)[0]


def examine(value: Any) -> Example:
    """A parsed line, looked at in full. Never raises, whatever JSON it is given."""
    example = Example()
    if not isinstance(value, dict):
        example.blame("not-object", f"the line is {_kind(value)}; it must be an object with “messages”")
        example.rest = BETWEEN.join(strings(value))
        return example
    if "messages" not in value:
        _other_format(value, example)
        example.rest = BETWEEN.join(strings(value))
        return example
    messages = value["messages"]
    _unknown_keys(value.keys() - EXAMPLE_KEYS, "the example", example)
    if not isinstance(messages, list):
        example.blame(
            "messages-not-list", f"“messages” is {_kind(messages)}; it must be a list of role and content"
        )
        example.rest = BETWEEN.join(strings(value))
        return example
    if not messages:
        example.blame("messages-empty", "“messages” is an empty list; remove the line or fill it")
        return example
    declared = _declared(value, example)
    texts = [_message(message, n, example) for n, message in enumerate(messages, start=1)]
    roles = tuple(m.get("role") if isinstance(m, dict) else None for m in messages)
    if all(isinstance(role, str) and role in ROLES for role in roles):
        _in_order(messages, roles, declared, example)  # type: ignore[arg-type]
        example.roles = roles  # type: ignore[assignment]
        asking, others = sides(example.roles)
        example.asked = BETWEEN.join(texts[i] for i in asking)
        extra = [t for key, part in value.items() if key != "messages" for t in strings(part)]
        example.rest = BETWEEN.join([*(texts[i] for i in others), *extra])
        example.given, example.answer = BETWEEN.join(texts[:-1]), texts[-1]
    else:
        example.rest = BETWEEN.join(strings(value))
    return example


def user_side(value: Any) -> str:
    """What the user says in a line of a test file, chat format or a plain field; empty if it cannot be told."""
    if not isinstance(value, dict):
        return ""
    if isinstance(value.get("messages"), list):
        example = examine(value)
        if example.asked:
            return example.asked
    for key in USER_SIDES:
        said = value.get(key)
        if isinstance(said, str) and said.strip():
            return said
        if isinstance(said, dict) and isinstance(said.get("messages"), list):
            return examine(said).asked
    return ""


def strings(value: Any) -> Iterator[str]:
    """Every text in a JSON value, keys left out. The parser's own limit on depth keeps this finite."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def _message(message: Any, n: int, example: Example) -> str:
    """The text of message number `n`; its own rules are checked on the way."""
    if not isinstance(message, dict):
        example.blame(
            "message-not-object",
            f"message {n} is {_kind(message)}; it must be an object with role and content",
        )
        return BETWEEN.join(strings(message))
    role = message.get("role")
    if "role" not in message:
        example.blame("no-role", f"message {n} has no role; say who speaks")
    elif not isinstance(role, str) or role not in ROLES:
        example.blame(
            "unknown-role",
            f"message {n} has the role {_shown(role)}; use system, user, assistant or tool",
        )
    _unknown_keys(message.keys() - MESSAGE_KEYS, f"message {n}", example)
    name = message.get("name")
    if name is not None and not (isinstance(name, str) and _NAME.fullmatch(name)):
        example.blame(
            "bad-name", f"message {n} has the name {_shown(name)}; use 1 to 64 letters, digits, _ or -"
        )
    if "weight" in message:
        _weight(message["weight"], role, n, example)
    calls = _calls(message, n, example) if role == "assistant" else []
    texts = [*_content(message, role, n, example, may_lack=bool(calls)), *calls]
    return "\n".join(texts)


def _content(message: dict[str, Any], role: Any, n: int, example: Example, *, may_lack: bool) -> list[str]:
    content = message.get("content")
    if content is None:
        refusal = message.get("refusal")
        if isinstance(refusal, str) and refusal and role == "assistant":
            return [refusal]
        if not may_lack:
            example.blame(
                "no-content", f"message {n} ({_shown(role)}) has no content; fill it or remove the message"
            )
        return []
    if isinstance(content, str):
        if not content and not may_lack:
            example.blame(
                "empty-content",
                f"the content of message {n} ({_shown(role)}) is empty; fill it or remove the example",
            )
        elif content and content.isspace():
            example.blame("blank-content", f"the content of message {n} ({_shown(role)}) is only white space")
        return [content]
    if not isinstance(content, list):
        example.blame(
            "content-not-text",
            f"the content of message {n} is {_kind(content)}; it must be text or a list of parts",
        )
        return list(strings(content))
    if not content:
        example.blame("empty-content", f"the content of message {n} is an empty list; fill it")
    return [text for k, part in enumerate(content, start=1) for text in _part(part, role, n, k, example)]


def _part(part: Any, role: Any, n: int, k: int, example: Example) -> list[str]:
    """The text of one part of a content; an image, sound or file is stood in for by its fingerprint."""
    kind = part.get("type") if isinstance(part, dict) else None
    if kind in ("text", "refusal") and isinstance(part.get(kind), str):
        text: str = part[kind]
        if not text:
            example.blame("empty-content", f"part {k} of message {n} is empty; fill it or remove it")
        elif text.isspace():
            example.blame("blank-content", f"part {k} of message {n} is only white space")
        return [text]
    if kind == "image_url":
        link = part.get("image_url")
        if not (isinstance(link, dict) and isinstance(link.get("url"), str) and link["url"]):
            example.blame("content-not-text", f"part {k} of message {n} is an image without image_url.url")
        if role == "assistant":
            example.blame("image-in-answer", f"part {k} of message {n} is an image in the assistant's answer")
        return [_stand_in(part)]
    if kind in ("input_audio", "file"):
        return [_stand_in(part)]
    example.blame(
        "content-not-text",
        f"part {k} of message {n} is {_kind(part)} without a known type; use {{“type”: “text”, “text”: ...}}",
    )
    return list(strings(part))


def _stand_in(part: dict[str, Any]) -> str:
    return f"[{part['type']} {fingerprint(BETWEEN.join(strings(part))):x}]"


def _weight(weight: Any, role: Any, n: int, example: Example) -> None:
    if role != "assistant":
        example.blame(
            "bad-weight", f"message {n} ({_shown(role)}) has a weight; only assistant messages take one"
        )
    elif isinstance(weight, bool) or weight not in (0, 1):
        example.blame("bad-weight", f"message {n} has the weight {_shown(weight)}; use 0 or 1")


def _calls(message: dict[str, Any], n: int, example: Example) -> list[str]:
    """The tool calls of an assistant message as text: what the model learns to write."""
    texts = []
    old = message.get("function_call")
    if old is not None:
        texts += _call_text({"id": "-", "type": "function", "function": old}, n, example)
    calls = message.get("tool_calls")
    if calls is not None and (not isinstance(calls, list) or not calls):
        example.blame("bad-tool-call", f"“tool_calls” of message {n} is not a list with a call in it")
    elif calls is not None:
        for call in calls:
            texts += _call_text(call, n, example)
    return texts


def _call_text(call: Any, n: int, example: Example) -> list[str]:
    function = call.get("function") if isinstance(call, dict) else None
    if not (
        isinstance(function, dict)
        and isinstance(call.get("id"), str)
        and call["id"]
        and call.get("type") == "function"
        and isinstance(function.get("name"), str)
    ):
        example.blame(
            "bad-tool-call",
            f"a tool call in message {n} lacks id, type “function”, or a function with a name",
        )
        return list(strings(call))
    name, arguments = function["name"], function.get("arguments")
    if not _NAME.fullmatch(name):
        example.blame(
            "bad-name",
            f"message {n} calls the function {_shown(name)}; use 1 to 64 letters, digits, _ or -",
        )
    if not isinstance(arguments, str) or not _is_object(arguments):
        example.blame(
            "arguments-not-json",
            f"the arguments of {_shown(name)} in message {n} are not a string with a JSON object",
        )
        return [name, *strings(arguments)]
    return [name, arguments]


def _in_order(
    messages: list[Any], roles: tuple[str, ...], declared: set[str] | None, example: Example
) -> None:
    """Rules across messages: who speaks when, weights, calls and their answers, images."""
    for code, text in order_problems(roles):
        example.blame(code, text)
    weights = [m.get("weight", 1) for m in messages if m["role"] == "assistant"]
    if weights and all(w == 0 and not isinstance(w, bool) for w in weights):
        example.blame("all-weights-zero", "every assistant message has the weight 0; give one the weight 1")
    images = sum(
        isinstance(part, dict) and part.get("type") == "image_url"
        for m in messages
        if isinstance(m.get("content"), list)
        for part in m["content"]
    )
    if images > MAX_IMAGES:
        example.blame("too-many-images", f"the example has {images} images; at most {MAX_IMAGES} are taken")
    _calls_answered(messages, declared, example)


def _calls_answered(messages: list[Any], declared: set[str] | None, example: Example) -> None:
    """Each call is answered before anyone else speaks, unless the example ends with it; no answer without a call."""
    waiting: dict[str, int] = {}
    named: set[str] = set()
    legacy = False
    for n, message in enumerate(messages, start=1):
        if message["role"] == "tool":
            answered = message.get("tool_call_id")
            if not isinstance(answered, str) or waiting.pop(answered, None) is None:
                example.blame(
                    "tool-answer-without-call",
                    f"message {n} answers the call {_shown(answered)}, which nobody made just before it",
                )
            continue
        if message["role"] == "function" and not legacy:
            example.blame("tool-answer-without-call", f"message {n} answers a call that nobody made")
        if waiting:
            name, at = next(iter(waiting.items()))
            example.blame(
                "tool-call-unanswered",
                f"message {at} makes the call {_shown(name)}, and no tool message answers it",
            )
        waiting, legacy = {}, False
        if message["role"] == "assistant":
            legacy = isinstance(message.get("function_call"), dict)
            for call in _well_formed(message):
                waiting[call["id"]] = n
                named.add(call["function"]["name"])
    unknown = sorted(named - declared) if declared is not None else sorted(named)
    if unknown:
        example.blame("tool-not-declared", f"{_shown(unknown[0])} is called but not listed under “tools”")


def _well_formed(message: dict[str, Any]) -> list[dict[str, Any]]:
    calls = message.get("tool_calls")
    return [
        call
        for call in (calls if isinstance(calls, list) else [])
        if isinstance(call, dict)
        and isinstance(call.get("id"), str)
        and isinstance(call.get("function"), dict)
        and isinstance(call["function"].get("name"), str)
    ]


def _declared(value: dict[str, Any], example: Example) -> set[str] | None:
    """Names of the tools an example declares; None if it declares none."""
    tools, functions = value.get("tools"), value.get("functions")
    if tools is None and functions is None:
        return None
    rows = tools if tools is not None else functions
    if not isinstance(rows, list):
        example.blame("bad-tools", f"“tools” is {_kind(rows)}; it must be a list")
        return None
    names = set()
    for k, row in enumerate(rows, start=1):
        function = row.get("function") if isinstance(row, dict) and tools is not None else row
        name = function.get("name") if isinstance(function, dict) else None
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            example.blame("bad-tools", f"tool {k} has no function with a valid name")
            continue
        names.add(name)
    return names


def _other_format(value: dict[str, Any], example: Example) -> None:
    if (
        "preferred_output" in value
        or "non_preferred_output" in value
        or {"chosen", "rejected"} <= value.keys()
    ):
        example.blame("preference-format", "a preference pair (DPO), not an example of what to say")
    elif "prompt" in value and "completion" in value:
        example.blame(
            "prompt-completion", "prompt and completion; turn them into a user and an assistant message"
        )
    else:
        for key, what in OTHER_FORMATS:
            if key in value:
                example.blame("other-format", f"this is {what}; turn it into a “messages” list")
                return
        keys = ", ".join(_shown(k) for k in list(value)[:3]) or "none"
        example.blame("no-messages", f"the object has no “messages” (its keys: {keys})")


def _unknown_keys(keys: set[str], where: str, example: Example) -> None:
    if keys:
        first, more = min(keys), len(keys) - 1
        example.blame(
            "unknown-key",
            f"{where} has the unknown key {_shown(first)}{f' and {more} more' if more else ''}; remove it",
        )


def _is_object(text: str) -> bool:
    try:
        return isinstance(orjson.loads(text), dict)
    except orjson.JSONDecodeError:
        return False


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    names = {type(None): "null", dict: "an object", list: "a list", str: "a text", int: "a number"}
    return names.get(type(value), "a number")


def _shown(value: Any) -> str:
    """A value from the file, short and on one line, safe to print."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return _kind(value)
    text = str(value)
    text = "".join(c if c.isprintable() else "?" for c in text[:41])
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"
