"""Settings from the environment, read once, at the edge.

| variable | meaning | default |
|---|---|---|
| RUNG_DATA_DIR | where the index and the conversations are kept | the system's folder for user data |
| RUNG_DATABASE_URL | database of the conversations | sqlite in RUNG_DATA_DIR |
| RUNG_SOURCES | folder of digests to use in place of Rung's own | the ones that come with Rung |
| OPENAI_API_KEY | key of the language model's endpoint | none: no language model |
| OPENAI_BASE_URL | the endpoint, if it is not OpenAI's | OpenAI's |
| RUNG_MODEL | the model's name; `provider:name` for another provider; `off` for none | see `DEFAULT_MODEL` |
| RUNG_MODEL_FALLBACK | a second model, for when the first fails | none |
| RUNG_MODEL_OUTPUT | how to ask for JSON: json_schema, tools or json | found out |
| RUNG_MODEL_PRICE | US dollars per million tokens: `input=0.1 cached=0.01 output=0.5` | the dated table |
| RUNG_MODEL_SECONDS | seconds that the model may take in one turn, all in all | 30 |
| RUNG_SESSION_BUDGET | most in one conversation: `calls=60 tokens=200000 dollars=1` | as here |
| RUNG_EMBEDDING_MODEL | an embedding model at an OpenAI-compatible endpoint, for the search | none: the local encoder |
| RUNG_EMBEDDING_BASE_URL | its endpoint; the key is OPENAI_API_KEY | OPENAI_BASE_URL, or OpenAI's |
| RUNG_DAY_BUDGET | most in one day (UTC), all conversations: the same three | calls=1000 tokens=3000000 dollars=10 |

Those of the Slack front are read in `agent/slack/setup.py`, out of `environment()`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from agent.errors import BadInput, NeedsSomething

#: A small current model of which all prices are known.
DEFAULT_MODEL: Final = "gpt-6-luna"
OUTPUTS: Final = ("json_schema", "tools", "json")
_OFF: Final = ("off", "none", "no", "0")


@dataclass(frozen=True)
class Budget:
    """The most that may be used: calls, tokens (in and out), US dollars."""

    calls: int
    tokens: int
    dollars: Decimal


@dataclass(frozen=True)
class ModelPrice:
    """US dollars per million tokens."""

    input: Decimal
    cached: Decimal
    output: Decimal


@dataclass(frozen=True)
class ModelSettings:
    """The language model to use. `key` is a secret: it is shown nowhere."""

    name: str = DEFAULT_MODEL
    key: str = field(default="", repr=False)
    base_url: str | None = None
    fallback: str | None = None
    output: str | None = None
    price: ModelPrice | None = None
    seconds: float = 30.0
    session: Budget = Budget(60, 200_000, Decimal(1))
    day: Budget = Budget(1000, 3_000_000, Decimal(10))

    @property
    def place(self) -> str:
        """Where messages are sent, for people: the host alone, without what an address may hide (a key, a user)."""
        from urllib.parse import urlsplit

        provider = provider_of(self.name)[0]
        if provider != "openai":
            return provider
        parts = urlsplit(self.base_url or "https://api.openai.com")
        try:
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            port = ""
        return f"{parts.hostname or 'an address that cannot be read'}{port}"


@dataclass(frozen=True)
class EmbeddingSettings:
    """An encoder at an OpenAI-compatible endpoint. `key` is a secret: it is shown nowhere."""

    name: str
    key: str = field(default="", repr=False)
    base_url: str | None = None

    @property
    def place(self) -> str:
        """Where texts are sent, for people."""
        return ModelSettings(base_url=self.base_url).place


def environment() -> Mapping[str, str]:
    """The environment, for the front ends that have settings of their own."""
    return os.environ


@dataclass(frozen=True)
class Settings:
    data_dir: Path
    database_url: str
    sources: Path | None = None
    model: ModelSettings | None = None
    embedding: EmbeddingSettings | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings of an environment (by default the process's).

        Raises:
            BadInput: a variable of the language model's holds what cannot be used.
        """
        env = os.environ if environment is None else environment
        given = env.get("RUNG_DATA_DIR")
        if given:
            data = Path(given).expanduser()
        else:
            from platformdirs import user_data_path

            data = user_data_path("rung", appauthor=False)
        url = env.get("RUNG_DATABASE_URL") or f"sqlite:///{data / 'sessions.db'}"
        sources = env.get("RUNG_SOURCES")
        return cls(
            data_dir=data,
            database_url=url,
            sources=Path(sources).expanduser() if sources else None,
            model=_model(env),
            embedding=_embedding(env),
        )

    def make_data_dir(self) -> Path:
        """The data folder, made if need be.

        Raises:
            NeedsSomething: it cannot be made.
        """
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise NeedsSomething(
                f"The data folder {self.data_dir} cannot be made: {error.strerror or error}. "
                "Set RUNG_DATA_DIR to a folder you can write to."
            ) from error
        return self.data_dir


#: Providers that `provider:name` may begin with. Anything else before a colon is part of a name ("llama3.2:3b").
PROVIDERS: Final = (
    "anthropic", "azure_openai", "bedrock", "bedrock_converse", "cohere", "deepseek", "fireworks", "google_genai",
    "google_vertexai", "groq", "huggingface", "ibm", "mistralai", "nvidia", "ollama", "openai", "openrouter",
    "perplexity", "together", "xai",
)  # fmt: skip


def provider_of(name: str) -> tuple[str, str]:
    """The provider and the bare name of a model: `anthropic:x` → (anthropic, x); `llama3.2:3b` is OpenAI-compatible."""
    provider, colon, rest = name.partition(":")
    return (provider, rest) if colon and provider in PROVIDERS else ("openai", name)


def _embedding(env: Mapping[str, str]) -> EmbeddingSettings | None:
    """The endpoint's encoder, where one is named: a key alone sends nobody's documents anywhere."""
    name, key, own, url = (
        env.get(n, "").strip()
        for n in ("RUNG_EMBEDDING_MODEL", "OPENAI_API_KEY", "RUNG_EMBEDDING_BASE_URL", "OPENAI_BASE_URL")
    )
    if not name or name.lower() in _OFF:
        return None
    return EmbeddingSettings(name, key, own or url or None)


def _model(env: Mapping[str, str]) -> ModelSettings | None:
    """The language model, where a key, an endpoint or a model is named; `RUNG_MODEL=off` says no to all of them."""
    name, key, url = (env.get(n, "").strip() for n in ("RUNG_MODEL", "OPENAI_API_KEY", "OPENAI_BASE_URL"))
    if name.lower() in _OFF or not (name or key or url):
        return None
    usual = ModelSettings()
    output = env.get("RUNG_MODEL_OUTPUT", "").strip() or None
    if output is not None and output not in OUTPUTS:
        raise BadInput(f"RUNG_MODEL_OUTPUT takes one of: {', '.join(OUTPUTS)}; not {output!r}.")
    price = _amounts(env, "RUNG_MODEL_PRICE", {"input": None, "cached": None, "output": None})
    return ModelSettings(
        name=name or DEFAULT_MODEL,
        key=key,
        base_url=url or None,
        fallback=env.get("RUNG_MODEL_FALLBACK", "").strip() or None,
        output=output,
        price=_price(price),
        seconds=_seconds(env, usual.seconds),
        session=_budget(env, "RUNG_SESSION_BUDGET", usual.session),
        day=_budget(env, "RUNG_DAY_BUDGET", usual.day),
    )


def _seconds(env: Mapping[str, str], usual: float) -> float:
    raw = env.get("RUNG_MODEL_SECONDS", "").strip()
    try:
        seconds = float(raw) if raw else usual
    except ValueError:
        seconds = -1
    if not 0 < seconds <= 3600:
        raise BadInput(f"RUNG_MODEL_SECONDS takes a number of seconds between 0 and 3600; not {raw!r}.")
    return seconds


def _budget(env: Mapping[str, str], variable: str, usual: Budget) -> Budget:
    given = _amounts(
        env,
        variable,
        {"calls": Decimal(usual.calls), "tokens": Decimal(usual.tokens), "dollars": usual.dollars},
    )
    return Budget(int(given["calls"] or 0), int(given["tokens"] or 0), given["dollars"] or Decimal(0))


def _price(given: Mapping[str, Decimal | None]) -> ModelPrice | None:
    if all(v is None for v in given.values()):
        return None
    dear, cheap, out = given["input"], given["cached"], given["output"]
    if dear is None or out is None:
        raise BadInput("RUNG_MODEL_PRICE needs input and output: input=0.10 cached=0.01 output=0.50.")
    return ModelPrice(dear, dear if cheap is None else cheap, out)


def _amounts(
    env: Mapping[str, str], variable: str, usual: Mapping[str, Decimal | None]
) -> dict[str, Decimal | None]:
    """`a=1 b=2` as amounts, each 0 or more; what is not named keeps its usual amount."""
    found = dict(usual)
    for word in env.get(variable, "").replace(",", " ").split():
        name, _, raw = word.partition("=")
        try:
            amount = Decimal(raw)
        except InvalidOperation:
            amount = Decimal(-1)
        if name not in usual or not (amount.is_finite() and amount >= 0):
            shown = " ".join(f"{n}=…" for n in usual)
            raise BadInput(f"{variable} is written {shown}, each a number, 0 or more; not {word!r}.")
        found[name] = amount
    return found
