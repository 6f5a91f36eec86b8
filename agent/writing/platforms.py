"""Where fine-tuning can be bought, for a verdict that gives it: the digest's table, dated, with their own row marked."""

from __future__ import annotations

from datetime import date
from typing import Final

from agent.facts import Facts, Proposal, Slot
from agent.recommendation import Citation, Platform
from agent.rubric import Verdict
from knowledge.availability import TABLE, Offer, offer_of, offers
from knowledge.corpus import Corpus


def platforms(verdict: Verdict, facts: Facts, corpus: Corpus, today: date) -> tuple[Platform, ...]:
    """Every platform's row; none for a verdict that gives no fine-tuning.

    Raises:
        KnowledgeError: the digest's table cannot be used.
    """
    if verdict.rung != 4:
        return ()
    found = offers(corpus)
    theirs = platform_of(facts, found)
    return tuple(_platform(offer, corpus, today, yours=offer is theirs) for offer in found)


def platform_of(facts: Facts, found: tuple[Offer, ...]) -> Offer | None:
    """The row of the platform that they named, or of the model where they named only that."""
    said = [str(facts.get(slot)) for slot in (Slot.PLATFORM, Slot.MODEL) if facts.get(slot)]
    return offer_of(found, *said)


#: A platform's name, and little around it ("we're on bedrock, mostly").
_FEW_WORDS: Final = 6


def named_platform(text: str, corpus: Corpus) -> Proposal | None:
    """A message that names a platform and says no more."""
    offer = offer_of(offers(corpus), text) if len(text.split()) <= _FEW_WORDS and "?" not in text else None
    return None if offer is None else Proposal(slot=Slot.PLATFORM, value=offer.platform, quote=text.strip())


def read_on(row: Platform) -> str:
    """ "2026-08-22, over 90 days ago": when the row's source was read."""
    return f"{row.read.isoformat()}{', over 90 days ago' if row.is_old else ''}"


def _platform(offer: Offer, corpus: Corpus, today: date, *, yours: bool) -> Platform:
    return Platform(
        name=offer.platform,
        yours=yours,
        is_open=offer.is_open,
        open_to=offer.open_to,
        tunable=offer.tunable,
        ends=offer.ends,
        read=offer.read,
        is_old=offer.is_old(today),
        rests_on=tuple(p.id for p in offer.rests_on),
        citations=(Citation.of(corpus.passage(TABLE), offer.point),),
    )
