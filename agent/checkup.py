"""What `rung doctor` looks at: each part, whether it is there, and how to add it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agent.errors import RungError
from agent.settings import Settings
from knowledge.errors import KnowledgeError


@dataclass(frozen=True)
class Row:
    """One part. `needed` parts fail the check-up; Rung works without the others, less well."""

    what: str
    ok: bool
    found: str
    remedy: str = ""
    needed: bool = True


def checkup(settings: Settings) -> list[Row]:
    """Every part, in the order in which they rest on each other."""
    return [
        _tried("sources", lambda: _sources(settings)),
        _tried("claims", lambda: _claims(settings)),
        _tried("encoder", _encoder, needed=False),
        _tried("search index", lambda: _index(settings), needed=False),
        _tried("conversations", lambda: _conversations(settings)),
        *_embedding(settings),
        *_model(settings),
    ]


def _tried(what: str, look: Callable[[], Row], *, needed: bool = True) -> Row:
    try:
        return look()
    except (RungError, KnowledgeError) as error:
        return Row(what, ok=False, found=str(error), needed=needed)


def _sources(settings: Settings) -> Row:
    from knowledge.corpus import load

    corpus = load(settings.sources)
    return Row("sources", ok=True, found=f"{len(corpus.sources)} sources, {len(corpus.passages)} passages")


def _claims(settings: Settings) -> Row:
    from agent.facts import Facts
    from agent.writing.plain import Claims, keys
    from knowledge.corpus import load

    claims = Claims(load(settings.sources), Facts())
    count = sum(len(claims[key]) for key in keys())
    return Row("claims", ok=True, found=f"{count} sentences, every citation resolves")


def _encoder() -> Row:
    from knowledge.embedding import HOW_TO_ADD, check_weights, model_folder

    folder = model_folder()
    if folder is None:
        return Row(
            "encoder",
            ok=False,
            needed=False,
            found="not installed; search and reading go by words alone",
            remedy=HOW_TO_ADD,
        )
    check_weights(folder)
    return Row("encoder", ok=True, found="all-MiniLM-L6-v2, weights as published")


def _index(settings: Settings) -> Row:
    from knowledge.corpus import load
    from knowledge.embedding import MiniLM, model_folder
    from knowledge.index import is_ready, name

    if model_folder() is None:
        return Row("search index", ok=False, needed=False, found="not used without the encoder")
    corpus = load(settings.sources)
    if not is_ready(corpus, MiniLM.id, settings.data_dir):
        return Row(
            "search index",
            ok=False,
            needed=False,
            found="not built yet; the first search builds it",
            remedy='rung search "few-shot"',
        )
    return Row("search index", ok=True, found=f"{settings.data_dir / 'indexes' / name(corpus, MiniLM.id)}")


def _conversations(settings: Settings) -> Row:
    from agent.sessions import Sessions

    if settings.database_url.startswith("sqlite"):
        settings.make_data_dir()
    kept = Sessions(settings.database_url)
    count = len(kept.summaries(1000))
    kept.close()
    return Row("conversations", ok=True, found=f"{count} kept in {settings.data_dir}")


def _embedding(settings: Settings) -> list[Row]:
    """The encoder at an endpoint, where one is set up: it is asked for one vector."""
    if settings.embedding is None:
        return []
    from agent.model.embedding import EndpointEncoder

    try:
        (vector,) = EndpointEncoder(settings.embedding).encode(["How many examples does a prompt need?"])
    except KnowledgeError as fault:
        return [Row("embedding model", ok=False, needed=False, found=str(fault))]
    told = f"{settings.embedding.name} at {settings.embedding.place}, vectors of {len(vector)} numbers"
    return [Row("embedding model", ok=True, found=f"{told}; what is searched is sent there")]


def _model(settings: Settings) -> list[Row]:
    """The language model: what is set up, whether it answers, what it supports, what will be used. No key is shown."""
    if settings.model is None and settings.embedding is not None:
        return []
    if settings.model is None:
        return [Row("network", ok=True, found="not used; nothing leaves this machine")]
    from agent.model.probe import probe

    return [Row(p.what, p.ok, p.found, p.remedy, needed=False) for p in probe(settings)]
