"""The model behind the door: LangChain's chat models, with a deadline, bounded retries, a second model and a breaker."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar

from pydantic import BaseModel

from agent.errors import ModelFault, NeedsSomething
from agent.model.answers import NoAnswer, NoStream, Unreadable, Way, asking, in_words, read
from agent.model.breaker import Breaker
from agent.model.faults import TRANSIENT, fault, fault_of
from agent.model.usage import Usage, price_of, used
from agent.settings import ModelSettings, provider_of

if TYPE_CHECKING:
    from langchain_core.callbacks import BaseCallbackHandler
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage

S = TypeVar("S", bound=BaseModel)
T = TypeVar("T")
#: Who says it, and what.
Message = tuple[Literal["system", "user", "assistant"], str]

#: Tries of one model in one call of the door.
TRIES: Final = 3
#: Seconds before the second try, doubled for the third; the real pause is drawn between 0 and this ("full jitter").
PAUSE: Final = 0.5
#: Share of the time left that the first model may take where there is a second one.
FIRST_SHARE: Final = 0.6
#: Tokens of an answer at most; ours have a few hundred, and some models think before they write.
LONGEST: Final = 8_000

_WAYS: Final[tuple[Way, ...]] = ("json_schema", "tools", "json")


Watch = Callable[[str], None]
#: One of LangChain's callback handlers.
Listener: TypeAlias = "BaseCallbackHandler"


@dataclass(frozen=True)
class Effort:
    """How much one call of the door may take: `seconds` and `tries`, second model included. With `on_text` the answer is
    streamed: called with all the text so far. `name` is what the run is called in a trace."""

    seconds: float | None = None
    tries: int = 2 * TRIES
    on_text: Watch | None = None
    name: str = "rung"


def _silent(_: str) -> None:
    return None


@dataclass
class _Candidate:
    """One model, and what has been learned of it."""

    name: str
    ways: tuple[Way, ...]
    breaker: Breaker = field(default_factory=Breaker)
    llm: BaseChatModel | None = None
    streams: bool = True


#: One try: a model, who listens, and LangChain's configuration.
Once = Callable[["_Candidate", Watch, Any], Awaitable[T]]


class Model:
    """A language model to put a question to. Safe to use from several threads."""

    def __init__(
        self,
        settings: ModelSettings,
        sources: Path | None = None,
        ways: tuple[Way, ...] | None = None,
        listeners: Sequence[Listener] = (),
    ) -> None:
        """`sources` holds the price table; `ways` are the only ways to ask for JSON, where not all are to be tried;
        `listeners` are LangChain's callbacks, told of each call."""
        self.settings = settings
        self._listeners = tuple(listeners)
        self._sources = sources
        names = [settings.name, *([settings.fallback] if settings.fallback else [])]
        self._candidates = [_Candidate(name, ways or ways_of(name, settings.output)) for name in names]

    @property
    def name(self) -> str:
        return self.settings.name

    def warm(self) -> None:
        """Load what the first call needs; takes seconds, so do it beside the conversation."""
        try:
            _ = self._opened(self._candidates[0])
        except (NeedsSomething, ModelFault):
            return  # met again, and told, at the first call

    def structured(
        self, schema: type[S], messages: Sequence[Message], effort: Effort | None = None
    ) -> tuple[S, Usage]:
        """One answer of the schema's shape, and what it used.

        Raises:
            ModelFault: there is no such answer; `usage` on it tells what was used all the same.
        """
        given = effort or Effort()

        async def once(candidate: _Candidate, tell: Watch, config: Any) -> S:
            llm, way = self._opened(candidate), candidate.ways[0]
            told = [*messages, ("system", in_words(schema))] if way == "json" else messages
            runnable = asking(llm, schema, way)
            watch = tell if given.on_text and candidate.streams else None
            return read(await _message(runnable, told, watch, config), schema)

        return self._call(once, given)

    def text(self, messages: Sequence[Message], effort: Effort | None = None) -> tuple[str, Usage]:
        """One answer as plain text, and what it used. Errors as with `structured`."""
        given = effort or Effort()

        async def once(candidate: _Candidate, tell: Watch, config: Any) -> str:
            llm = self._opened(candidate)
            watch = tell if given.on_text and candidate.streams else None
            return (await _message(llm, messages, watch, config)).text

        return self._call(once, given)

    # -- one call -------------------------------------------------------------------------------------------------

    def _call(self, once: Once[T], effort: Effort) -> tuple[T, Usage]:
        """Try the models in turn until one answers, or the time or the tries are used up."""
        ends = time.monotonic() + (self.settings.seconds if effort.seconds is None else effort.seconds)
        total, last = Usage(), fault("paused", self.name, self.settings.place)
        free = [c for c in self._candidates if c.breaker.closed()]
        for position, candidate in enumerate(free):
            left = ends - time.monotonic()
            if left <= 0 or total.calls >= effort.tries:
                break
            share = 1.0 if position == len(free) - 1 else FIRST_SHARE
            tries = min(TRIES, effort.tries - total.calls)
            try:
                answer, usage = self._tried(once, candidate, time.monotonic() + left * share, tries, effort)
                candidate.breaker.succeeded()
                return answer, total + usage
            except ModelFault as error:
                candidate.breaker.failed(error.kind)
                total, last = total + error.usage, error
        last.usage = total
        raise last

    def _tried(
        self, once: Once[T], candidate: _Candidate, ends: float, tries: int, effort: Effort
    ) -> tuple[T, Usage]:
        import asyncio

        from langchain_core.callbacks import UsageMetadataCallbackHandler

        from agent.model import loop

        recorded, calls = UsageMetadataCallbackHandler(), [0]
        config = {"callbacks": [recorded, *self._listeners], "run_name": effort.name}

        async def work(tell: Watch) -> T:
            async with asyncio.timeout(max(0.0, ends - time.monotonic())):
                while True:
                    calls[0] += 1
                    try:
                        return await once(candidate, tell, config)
                    except Exception as error:
                        found = self._understood(error, candidate)
                    if found.kind == "unsupported" and len(candidate.ways) > 1:
                        candidate.ways = candidate.ways[1:]
                        calls[0] -= 1  # declined for its form, so nothing was done
                    else:
                        await _before_next(found, candidate, calls[0], tries, ends)

        try:
            answer = loop.run(work, effort.on_text or _silent)
        except (TimeoutError, ModelFault) as error:
            found = (
                error if isinstance(error, ModelFault) else fault("late", candidate.name, self.settings.place)
            )
            found.usage = self._used(candidate, recorded.usage_metadata, calls[0])
            raise found from error
        return answer, self._used(candidate, recorded.usage_metadata, calls[0])

    def _understood(self, error: Exception, candidate: _Candidate) -> ModelFault:
        if isinstance(error, TimeoutError) and not hasattr(error, "request"):
            raise error  # our own deadline
        if isinstance(error, NeedsSomething):
            return ModelFault(str(error), "missing")
        if isinstance(error, NoStream):
            candidate.streams = False
        if isinstance(error, NoAnswer | Unreadable):
            return fault(
                error.kind if isinstance(error, NoAnswer) else "malformed",
                candidate.name,
                self.settings.place,
            )
        return fault_of(error, candidate.name, self.settings.place)

    def _used(self, candidate: _Candidate, reported: dict[str, Any], calls: int) -> Usage:
        price = self.settings.price or price_of(provider_of(candidate.name)[1], self._sources)
        parts = [used(candidate.name, usage, 0, price) for usage in reported.values()]
        return sum(parts, Usage(model=candidate.name, calls=calls))

    def _opened(self, candidate: _Candidate) -> BaseChatModel:
        if candidate.llm is None:
            candidate.llm = open_chat(candidate.name, self.settings)
        return candidate.llm


async def _before_next(
    found: ModelFault, candidate: _Candidate, number: int, tries: int, ends: float
) -> None:
    """Wait for another try, or raise what was found: where a try cannot help, or there is no time for it.

    After two answers that cannot be read the next way of asking is taken.
    """
    if found.kind not in TRANSIENT or number >= tries:
        raise found
    if found.kind == "malformed" and number == TRIES - 1 and len(candidate.ways) > 1:
        candidate.ways = candidate.ways[1:]
    pause = found.wait if found.wait is not None else random.uniform(0, PAUSE * 2 ** (number - 1))
    if time.monotonic() + pause >= ends:
        raise found
    import asyncio

    await asyncio.sleep(pause)


async def _message(
    runnable: Any, messages: Sequence[Message], tell: Callable[[str], None] | None, config: Any
) -> AIMessage:
    """The whole message, streamed where somebody listens.

    Raises:
        NoAnswer: it was declined, is empty, or broke off.
    """
    if tell is None:
        message = await runnable.ainvoke(list(messages), config)
    else:
        message = None
        try:
            async for chunk in runnable.astream(list(messages), config):
                message = chunk if message is None else message + chunk
                tell(_so_far(message))
        except AssertionError as error:  # LangChain, where not one event came
            raise NoStream(str(error)) from error
    reason = str(message.response_metadata.get("finish_reason") or "") if message else ""
    if message is None or (tell is not None and not reason):
        raise NoAnswer("cut")
    if message.additional_kwargs.get("refusal") or reason == "content_filter":
        raise NoAnswer("refused")
    if reason == "length":
        raise NoAnswer("endless")
    if not message.text.strip() and not message.tool_calls and not message.invalid_tool_calls:
        raise NoAnswer("empty")
    return message  # type: ignore[no-any-return]


def _so_far(message: Any) -> str:
    """The text that has come in, or the arguments of the tool call that holds the answer."""
    if message.text:
        return str(message.text)
    return "".join(str(c["args"] or "") for c in getattr(message, "tool_call_chunks", ()))


def ways_of(name: str, pinned: str | None) -> tuple[Way, ...]:
    """The ways to ask a model for JSON, best first."""
    if provider_of(name)[0] != "openai":
        return ("own",)
    return tuple(w for w in _WAYS if w == pinned) or _WAYS


def open_chat(name: str, settings: ModelSettings) -> BaseChatModel:
    """LangChain's chat model of this name. It makes no retries of its own: ours know the deadline.

    Raises:
        NeedsSomething: the provider's package is not installed.
    """
    provider, bare = provider_of(name)
    if provider != "openai":
        return _open_other(provider, bare)
    import warnings

    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    # it warns of what we try and mend; a person at a terminal can do nothing with that
    warnings.filterwarnings("ignore", module="langchain_openai")

    return ChatOpenAI(
        model=bare,
        api_key=SecretStr(settings.key or "none"),  # servers without keys take any
        base_url=settings.base_url,
        timeout=settings.seconds,
        max_retries=0,
        max_completion_tokens=LONGEST,
        stream_usage=True,
        use_responses_api=False,
    )


def _open_other(provider: str, bare: str) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    try:
        return init_chat_model(bare, model_provider=provider, max_retries=0)
    except ImportError as error:
        raise NeedsSomething(f"The model provider {provider} needs a package: {error}") from error
    except Exception as error:  # a missing key, in each provider's own words
        raise NeedsSomething(
            f"The model provider {provider} cannot be used: {type(error).__name__}."
        ) from error
