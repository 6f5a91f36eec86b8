"""Secrets and personal data in text: found by their well-known shapes, shown masked.

Clean text has to cost little, so a search goes in two steps. NumPy first finds where a shape could be: the rarest
letter of a fixed beginning and its neighbours, or many digits close together. Only there a regular expression looks.
Shapes without a fixed beginning or a check digit (names, addresses, passwords in prose) are not sought.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Code = Literal["secret", "personal-data"]


@dataclass(frozen=True)
class Sighting:
    """Something found: where in the text, what it is, and its value with the telling part left out."""

    at: int
    code: Code
    what: str
    masked: str


@dataclass(frozen=True)
class Beginning:
    """A secret known by how it begins. `rare` is the index of the letter to look for first."""

    literal: bytes
    rare: int
    what: str
    pattern: re.Pattern[bytes]


def _begin(literal: str, rare: str, what: str, pattern: str) -> Beginning:
    return Beginning(literal.encode(), literal.index(rare), what, re.compile(pattern.encode()))


_FREE = r"(?<![A-Za-z0-9])"
_OPENAI = _FREE + r"sk-(?=[A-Za-z_-]*\d)(?=[a-z0-9_-]*[A-Z])[A-Za-z0-9_-]{20,}"
_GITHUB = _FREE + r"gh[pousr]_[A-Za-z0-9]{36,}"
_SLACK = _FREE + r"xox[abeprs]-[A-Za-z0-9-]{10,}"
_AWS = _FREE + r"A[KS]IA[A-Z2-7]{16}(?![A-Za-z0-9])"

BEGINNINGS = (
    _begin("sk-", "-", "an API key (sk-…)", _OPENAI),
    _begin("sk_live_", "_", "a Stripe key", _FREE + r"sk_live_[A-Za-z0-9]{16,}"),
    _begin("rk_live_", "_", "a Stripe key", _FREE + r"rk_live_[A-Za-z0-9]{16,}"),
    *(_begin(f"gh{letter}_", "_", "a GitHub token", _GITHUB) for letter in "pousr"),
    _begin("github_pat_", "_", "a GitHub token", _FREE + r"github_pat_[A-Za-z0-9_]{50,}"),
    _begin("glpat-", "-", "a GitLab token", _FREE + r"glpat-[A-Za-z0-9_-]{20,}"),
    *(_begin(f"xox{letter}-", "-", "a Slack token", _SLACK) for letter in "abeprs"),
    _begin("hf_", "_", "a Hugging Face token", _FREE + r"hf_[A-Za-z0-9]{30,}"),
    _begin("npm_", "_", "an npm token", _FREE + r"npm_[A-Za-z0-9]{36}"),
    _begin("pypi-", "-", "a PyPI token", _FREE + r"pypi-[A-Za-z0-9_-]{50,}"),
    _begin("AIza", "z", "a Google API key", _FREE + r"AIza[A-Za-z0-9_-]{35}"),
    _begin("SG.", "G", "a SendGrid key", _FREE + r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    _begin("AKIA", "K", "an AWS access key", _AWS),
    _begin("ASIA", "S", "an AWS access key", _AWS),
    _begin("aws_secret_access_key", "_", "an AWS secret key",
           r"aws_secret_access_key[\"' ]{0,2}[=:][\"' ]{0,2}[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])"),
    _begin("-----BEGIN ", "B", "a private key", r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
    _begin("eyJ", "J", "a JSON Web Token", _FREE + r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
)  # fmt: skip

_EMAIL = re.compile(
    rb"[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])"
)
_RESERVED = re.compile(
    rb"(?:@|\.)(?:example\.(?:com|org|net)|[a-z0-9.-]*\.?(?:example|test|invalid|localhost))$"
)
_URL_PASSWORD = re.compile(
    rb"[a-z][a-z0-9+.-]{1,20}://[^\s/@:\"'<>]{1,64}:([^\s/@\"'<>]{1,128})@[^\s/@\"'<>]"
)
_CARD = re.compile(rb"(?<![0-9A-Za-z.,+-])[3-6]\d{3}(?:[ -]?\d{2,7}){2,4}(?![0-9A-Za-z]|[.,-]\d)")
_IBAN = re.compile(rb"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])")
_SSN = re.compile(rb"(?<![0-9A-Za-z-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![0-9A-Za-z-])")
_PHONE = re.compile(
    rb"(?<![0-9A-Za-z+])(?:\+[1-9](?:[ ().-]{0,2}\d){8,14}|(?:1[ .-])?\(?[2-9]\d{2}\)?[ .-]{1,2}\d{3}[.-]\d{4})(?![0-9A-Za-z]|[.-]\d)"
)
_DIGITS = 9
"""The fewest digits of anything sought by its digits."""
_WINDOW = 48


class Finder:
    """Looks through one text. Positions are bytes of its UTF-8."""

    def __init__(self, text: bytes, letters: Bytes) -> None:
        self._text, self._letters = text, letters
        self._places: dict[int, npt.NDArray[np.int64]] = {}

    def sightings(self) -> Iterator[Sighting]:
        """Everything found, kind after kind."""
        yield from self._begun()
        yield from self._at_signs()
        yield from self._digits()

    def _begun(self) -> Iterator[Sighting]:
        for known in BEGINNINGS:
            for at in self._where(known.literal, known.rare):
                if found := known.pattern.match(self._text, at):
                    yield Sighting(at, "secret", known.what, masked(found.group(), len(known.literal), 0))

    def _where(self, literal: bytes, rare: int) -> list[int]:
        """Where `literal` stands, found from its rarest letter outwards."""
        first = literal[rare]
        if first not in self._places:
            self._places[first] = np.flatnonzero(self._letters == first)
        at = self._places[first] - rare
        at = at[(at >= 0) & (at <= len(self._text) - len(literal))]
        for i in sorted(range(len(literal)), key=lambda i: abs(i - rare)):
            if not at.size:
                return []
            at = at[self._letters[at + i] == literal[i]]
        return [int(place) for place in at]

    def _at_signs(self) -> Iterator[Sighting]:
        text, at = self._text, self._text.find(b"@")
        while at >= 0:
            window = text[max(0, at - 160) : at + 300]
            off = at - max(0, at - 160)
            if url := _around(_URL_PASSWORD, window, off):
                whole = url.group()
                yield Sighting(at, "secret", "a password in a URL", masked(whole, whole.index(b"://") + 3, 0))
            elif (mail := _around(_EMAIL, window[max(0, off - 64) :], min(off, 64))) and not _RESERVED.search(
                mail.group().lower()
            ):
                yield Sighting(at, "personal-data", "an email address", masked(mail.group(), 1, 3))
            at = text.find(b"@", at + 1)

    def _digits(self) -> Iterator[Sighting]:
        """Cards, accounts, social security and phone numbers: only where digits crowd."""
        done = 0
        for place in _crowded(self._letters):
            start = max(done, place - _WINDOW)
            for match in _numbers(self._text, start, min(len(self._text), place + 24 + _WINDOW)):
                if match.at >= done:
                    yield match
            done = max(done, place + 24)


def _numbers(text: bytes, start: int, end: int) -> Iterator[Sighting]:
    """Numbers that begin in a stretch of text, each place taken once: the kind with the surest check first."""
    taken: list[tuple[int, int]] = []
    for pattern, what, right, first in (
        (_IBAN, "a bank account (IBAN)", _iban, 4),
        (_CARD, "a payment card number", _card, 0),
        (_SSN, "a US social security number", None, 0),
        (_PHONE, "a phone number", None, 0),
    ):
        for found in pattern.finditer(text, start, end):
            span = _right_part(found, right)
            if span and not any(a < span[1] and span[0] < b for a, b in taken):
                taken.append(span)
                yield Sighting(span[0], "personal-data", what, masked(text[span[0] : span[1]], first, 2))


def _right_part(found: re.Match[bytes], right: Callable[[bytes], bool] | None) -> tuple[int, int] | None:
    """The match if its check digits are right. An IBAN may run into a word after it: shorter readings are tried."""
    start, end = found.span()
    if right is None or right(found.group()):
        return start, end
    if right is _iban:
        text = found.group()
        while b" " in text:
            text = text[: text.rindex(b" ")]
            if len(text) >= 15 and right(text):
                return start, start + len(text)
    return None


def _crowded(letters: Bytes) -> list[int]:
    """Starts of stretches of 24 bytes, in steps of 8, that hold 9 digits or more."""
    digits = ((letters - np.uint8(48)) < 10).view(np.uint8)
    padded = np.zeros((len(digits) // 8 + 3) * 8, np.uint8)
    padded[: len(digits)] = digits
    eights = (padded.view(np.uint64) * np.uint64(0x0101010101010101)) >> np.uint64(56)
    return [int(i) * 8 for i in np.flatnonzero(eights[:-2] + eights[1:-1] + eights[2:] >= _DIGITS)]


def _around(pattern: re.Pattern[bytes], text: bytes, at: int) -> re.Match[bytes] | None:
    for found in pattern.finditer(text):
        if found.start() <= at < found.end():
            return found
    return None


def _card(text: bytes) -> bool:
    """The issuer's first digits and length, and the Luhn check."""
    digits = [c - 48 for c in text if 48 <= c <= 57]
    number = "".join(map(str, digits))
    known = (
        (number[0] == "4" and len(number) in (13, 16, 19))
        or (number[:2] in ("51", "52", "53", "54", "55") and len(number) == 16)
        or (number[:2] in ("34", "37") and len(number) == 15)
        or (number[:2] in ("30", "36", "38") and len(number) == 14)
        or (number[:2] in ("35", "60", "64", "65") and len(number) == 16)
    )
    return known and len(set(number)) > 1 and luhn(digits)


def luhn(digits: list[int]) -> bool:
    """The check of payment cards (ISO/IEC 7812-1): every second digit from the right is doubled."""
    total = 0
    for n, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if n % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _iban(text: bytes) -> bool:
    """The check of bank accounts (ISO 13616): the first four signs moved behind, letters as numbers, mod 97 is 1."""
    compact = text.replace(b" ", b"").decode()
    if not 15 <= len(compact) <= 34:
        return False
    moved = compact[4:] + compact[:4]
    return int("".join(str(int(c, 36)) for c in moved)) % 97 == 1


def masked(value: bytes, first: int, last: int) -> str:
    """A value with only its first and last signs, so that it can be found again but not used."""
    text = value.decode("utf-8", "replace")
    shown = "".join(c if c.isprintable() else "?" for c in text)
    return shown[:first] + "…" + (shown[len(shown) - last :] if last else "")
