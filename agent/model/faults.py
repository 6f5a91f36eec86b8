"""What can go wrong with a call to a language model, and the sentence that tells it.

LangChain names what providers report alike (`langchain_core.exceptions`); servers that imitate OpenAI's add bodies that are
no JSON, answers without choices, streams that end in the middle. Here each becomes a `ModelFault` with a kind.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from agent.errors import ModelFault

#: Kind of fault → what to say. `{model}` and `{place}` are filled in; a server's own words are never repeated, since they
#: may hold a part of the key.
TOLD: Final[Mapping[str, str]] = {
    "key": "The key for {place} was not accepted. Check OPENAI_API_KEY.",
    "unknown_model": "{place} does not know the model {model}. Check RUNG_MODEL and OPENAI_BASE_URL.",
    "quota": "The account at {place} has no credit left. Check its billing.",
    "busy": "{place} is getting too many requests at the moment.",
    "server": "{place} failed to answer.",
    "unreachable": "{place} could not be reached. Check OPENAI_BASE_URL and the network.",
    "late": "{model} took too long. RUNG_MODEL_SECONDS sets how long it may take.",
    "too_long": "The conversation is longer than {model} can take.",
    "unsupported": "{model} offers none of the ways to give a structured answer. Set RUNG_MODEL_OUTPUT to one it has.",
    "bad_request": "{place} did not accept the request.",
    "malformed": "{model} gave an answer that could not be read.",
    "refused": "{model} declined to answer.",
    "empty": "{model} gave no answer.",
    "cut": "The answer of {model} broke off.",
    "endless": "{model} did not come to an end.",
    "missing": "The package for this provider is not installed.",
    "paused": "{place} failed several times in a row, so it is left alone for a while.",
    "budget": "The budget for the language model is used up.",
}
#: Asking again can help, and costs nothing but the call.
TRANSIENT: Final = frozenset({"busy", "server", "unreachable", "late", "malformed", "empty", "cut"})
#: What will not mend itself within minutes.
LASTING: Final = frozenset({"key", "unknown_model", "quota", "missing"})

_UNSUPPORTED: Final = re.compile(
    r"response_format|json_schema|structured output|tool_choice|\btools?\b|function.?call|grammar",
    re.IGNORECASE,
)
_OVERLONG: Final = re.compile(
    r"context.{0,12}(?:length|window|size|limit)|maximum context|too many tokens|prompt is too long|exceed\w* .{0,30}context",
    re.IGNORECASE,
)


def fault(kind: str, model: str, place: str, *, wait: float | None = None) -> ModelFault:
    return ModelFault(TOLD[kind].format(model=model, place=place), kind, wait=wait)


def fault_of(error: BaseException, model: str, place: str) -> ModelFault:
    """The fault that an exception of LangChain's or of the client's stands for."""
    if isinstance(error, ModelFault):
        return error
    return fault(_kind(error), model, place, wait=_wait(error))


def _kind(error: BaseException) -> str:
    import openai
    from langchain_core import exceptions as core

    status, said = getattr(error, "status_code", None), str(error)
    if isinstance(error, core.ContextOverflowError) or (
        status in (400, 413, 422, 500) and _OVERLONG.search(said)
    ):
        return "too_long"
    if isinstance(error, core.ModelTimeoutError | openai.APITimeoutError | TimeoutError) or status == 408:
        return "late"
    if isinstance(error, core.ModelConnectionError | openai.APIConnectionError | ConnectionError):
        return "unreachable"
    if isinstance(error, openai.LengthFinishReasonError):
        return "endless"
    if isinstance(error, openai.ContentFilterFinishReasonError):
        return "refused"
    if isinstance(status, int):
        return _kind_of_status(status, said)
    return _kind_of_stream(error)


def _kind_of_status(status: int, said: str) -> str:
    if status in (401, 403):
        return "key"
    if status == 429:
        return "quota" if "insufficient_quota" in said else "busy"
    if status == 409 or status >= 500:
        return "unsupported" if status == 501 else "server"
    if status in (400, 404, 415, 422) and _UNSUPPORTED.search(said):
        return "unsupported"
    return "unknown_model" if status == 404 else "bad_request"


def _kind_of_stream(error: BaseException) -> str:
    """Faults without a status: an answer that is no answer, and errors told in the middle of a stream."""
    import httpx
    import openai

    if isinstance(error, httpx.TransportError):
        return "cut" if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError) else "unreachable"
    if isinstance(error, IndexError | TypeError):  # LangChain on an answer without choices
        return "empty"
    if isinstance(error, openai.APIError) and not isinstance(error, openai.APIResponseValidationError):
        return "server"
    return "malformed"


def _wait(error: BaseException) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, 10.2.3: a number, or a date)."""
    headers: Any = getattr(getattr(error, "response", None), "headers", None)
    raw = headers.get("retry-after") if headers is not None else None
    if not raw:
        return None
    try:
        return max(0.0, float(raw))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(raw) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
