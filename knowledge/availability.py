"""Where fine-tuning can be bought, as the digest's table says: change a row there and the advice changes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from knowledge.corpus import Corpus, Passage
from knowledge.errors import KnowledgeError
from knowledge.prices import FRESH_DAYS

TABLE: Final = "provider-finetuning-availability#by-platform"
_COLUMNS: Final = (
    "Platform", "Also called", "New customers", "What can be tuned", "What ends, and when", "Read", "Rests on",
)  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """One platform's row. `open_to`, `tunable` and `ends` are told as the digest has them; `read` is when its source
    was read; `rests_on` are the passages with the particulars."""

    platform: str
    names: tuple[str, ...]
    open_to: str
    tunable: str
    ends: str
    read: date
    rests_on: tuple[Passage, ...]
    point: str

    @property
    def is_open(self) -> bool:
        """Can somebody who never tuned there begin now?"""
        return self.open_to.lower().startswith("yes")

    def is_old(self, today: date) -> bool:
        return (today - self.read).days > FRESH_DAYS

    def called(self, said: str) -> int:
        """How much of this platform's name stands in what a person said ("Azure OpenAI"): characters, 0 for none."""
        names = (self.platform.lower(), *self.names)
        return max(len(n) if re.search(rf"\b{re.escape(n)}\b", said.lower()) else 0 for n in names)


def offers(corpus: Corpus) -> tuple[Offer, ...]:
    """Every row, in the digest's order.

    Raises:
        KnowledgeError: the table or one of its columns is missing, a date is no date, or a passage does not exist.
    """
    return tuple(_offer(corpus, row, number) for number, row in enumerate(corpus.passage(TABLE).rows, 1))


def _offer(corpus: Corpus, row: Mapping[str, str], number: int) -> Offer:
    missing = [column for column in _COLUMNS if not row.get(column)]
    if missing:
        raise KnowledgeError(
            f"{TABLE}, row {number}: nothing stands under {', '.join(missing)}. Mend the digest."
        )
    try:
        read = date.fromisoformat(row["Read"])
    except ValueError as error:
        raise KnowledgeError(
            f"{TABLE}, row {number}: “{row['Read']}” is no date like 2026-11-01. Mend the digest."
        ) from error
    return Offer(
        platform=row["Platform"],
        names=tuple(name.strip().lower() for name in row["Also called"].split(",")),
        open_to=row["New customers"],
        tunable=row["What can be tuned"],
        ends=row["What ends, and when"],
        read=read,
        rests_on=tuple(corpus.passage(name.strip()) for name in row["Rests on"].split(",")),
        point=corpus.passage(TABLE).point(f"{row['Platform']}: Also called"),
    )


def offer_of(found: tuple[Offer, ...], *said: str) -> Offer | None:
    """The row of the platform or model that a person named, tried in turn; the longer name wins, so that "Azure OpenAI"
    is Microsoft's."""
    for words in said:
        best = max(found, key=lambda offer: offer.called(words), default=None)
        if best is not None and best.called(words):
            return best
    return None
