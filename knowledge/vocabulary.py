"""Words: how a text is cut into terms, how a slip of the pen is mended, and what the field calls by many names."""

from __future__ import annotations

import math
import re
import string
import threading
from collections import Counter
from collections.abc import Collection, Container, Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

import yaml

_NAME: Final = re.compile(r"[^\W\d_][\w'’-]*")
_SENTENCE_END: Final = re.compile(r"(?:^|[.?!:])[\W_]*$")
_WORD: Final = re.compile(r"[^\W\d_][^\W\d_']*[^\W\d_]")
#: Shorter words have too many neighbours to be mended safely.
_MENDABLE: Final = 5


@cache
def things() -> tuple[re.Pattern[str], ...]:
    """The field's things, each as a pattern of the words that name it (`terms.yaml`)."""
    named: dict[str, str] = yaml.safe_load((files("knowledge") / "terms.yaml").read_text(encoding="utf-8"))
    return tuple(re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for words in named.values())


def named_in(text: str) -> tuple[bool, ...]:
    """Of every thing of the field: does this text name it?"""
    return tuple(thing.search(text) is not None for thing in things())


_LOCK: Final = threading.Lock()


@cache
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")


def stems(texts: Sequence[str]) -> list[list[str]]:
    """The stems of each text in order, without stop words."""
    import bm25s

    with _LOCK:  # the stemmer keeps state
        found: list[list[str]] = bm25s.tokenize(
            list(texts), stopwords="en", stemmer=_stemmer().stemWords, return_ids=False, show_progress=False
        )
    return found


def _stem(word: str) -> str:
    with _LOCK:
        return str(_stemmer().stemWord(word))


class Vocabulary:
    """The words of some texts: their stems, their rarity, and what a misspelt word was meant to be."""

    def __init__(self, texts: Sequence[str], proper: Collection[str] = ()) -> None:
        """`proper` are words that are right although the texts lack them."""
        self._seen = Counter(word.lower() for text in texts for word in _WORD.findall(text))
        self._proper = frozenset(proper)
        self.tokens = self.cut(texts)
        self._in = Counter(token for tokens in self.tokens for token in set(tokens))
        self._stems = frozenset(self._in)

    def cut(self, texts: Sequence[str]) -> list[list[str]]:
        """The stems of each text in order, without stop words."""
        return stems(texts)

    def rarity(self, token: str, more: float = 0.0, of: float = 0.0) -> float:
        """How much a token tells: BM25's inverse document frequency, largest for one the texts lack. It may stand in
        `more` further texts, of `of`."""
        n, seen = len(self.tokens) + of, self._in[token] + more
        return math.log(1 + (n - seen + 0.5) / (seen + 0.5))

    def mend(self, text: str, stems: Container[str] = ()) -> str:
        """The text with each unknown word replaced by the commonest known one that is a single slip away (a letter
        left out, added, changed, or two swapped; Norvig 2007), if there is one with the same first letter. Words of
        these `stems` are right too."""
        return _WORD.sub(lambda match: self._meant(match[0], stems), text)

    def strange_names(self, text: str) -> list[str]:
        """Names in the text that the texts never mention: words with a capital where none is due. A text that is mostly
        in capitals, as a title is, tells nothing."""
        words = list(_NAME.finditer(text))
        if len(words) > 3 and sum(m[0][0].isupper() for m in words) > len(words) / 2:
            return []
        return [m[0] for m in words if _is_name(m[0], text[: m.start()]) and self._strange(m[0])]

    def _strange(self, name: str) -> bool:
        parts = _WORD.findall(re.sub(r"['’]s$", "", name).lower())
        return any(part not in self._seen for part in parts)

    def _meant(self, written: str, stems: Container[str]) -> str:
        word = written.lower()
        if len(word) < _MENDABLE or word in self._seen or word in self._proper:
            return written
        if (stem := _stem(word)) in self._stems or stem in stems:
            return written
        near = [w for w in _one_slip(word) if w[0] == word[0] and w in self._seen and len(w) > 3]
        return max(near, key=lambda w: (self._seen[w], w), default=written)


def _is_name(word: str, before: str) -> bool:
    if any(c.isupper() for c in word[1:]):
        return True
    return word[0].isupper() and not re.fullmatch("I(?:['’].*)?", word) and not _SENTENCE_END.search(before)


def _one_slip(word: str) -> Iterable[str]:
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    letters = string.ascii_lowercase
    return {
        *(a + b[1:] for a, b in cuts if b),
        *(a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1),
        *(a + c + b[1:] for a, b in cuts if b for c in letters),
        *(a + c + b for a, b in cuts for c in letters),
    } - {""}
