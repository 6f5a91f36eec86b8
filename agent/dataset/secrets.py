"""Secrets and personal data in text: found by their well-known shapes, shown masked.

Clean text has to cost little, so a search goes in two steps. NumPy first finds where a shape could be: the rarest
letter of a fixed beginning and its neighbours, or digits and signs at the right distances. Only there a regular
expression looks. Every repetition has an upper bound, so no text slows a search out of proportion. Shapes without a
fixed beginning or a check digit (names, addresses, passwords in prose) are not sought.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
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


_FEWEST_DIGITS = 9
"""Of anything that is sought by its digits."""
_FREE = r"(?<![A-Za-z0-9])"
_OPENAI = _FREE + r"sk-(?=[A-Za-z_-]{0,99}\d)(?=[a-z0-9_-]{0,99}[A-Z])[A-Za-z0-9_-]{20,250}"
_GITHUB = _FREE + r"gh[pousr]_[A-Za-z0-9]{36,250}"
_SLACK = _FREE + r"xox[abeprs]-[A-Za-z0-9-]{10,250}"
_AWS = _FREE + r"A[KS]IA[A-Z2-7]{16}(?![A-Za-z0-9])"

BEGINNINGS = (
    _begin("sk-", "-", "an API key (sk-…)", _OPENAI),
    _begin("sk_live_", "_", "a Stripe key", _FREE + r"sk_live_[A-Za-z0-9]{16,250}"),
    _begin("rk_live_", "_", "a Stripe key", _FREE + r"rk_live_[A-Za-z0-9]{16,250}"),
    *(_begin(f"gh{letter}_", "_", "a GitHub token", _GITHUB) for letter in "pousr"),
    _begin("github_pat_", "_", "a GitHub token", _FREE + r"github_pat_[A-Za-z0-9_]{50,250}"),
    _begin("glpat-", "-", "a GitLab token", _FREE + r"glpat-[A-Za-z0-9_-]{20,250}"),
    *(_begin(f"xox{letter}-", "-", "a Slack token", _SLACK) for letter in "abeprs"),
    _begin("hf_", "_", "a Hugging Face token", _FREE + r"hf_[A-Za-z0-9]{30,250}"),
    _begin("npm_", "_", "an npm token", _FREE + r"npm_[A-Za-z0-9]{36}"),
    _begin("pypi-", "-", "a PyPI token", _FREE + r"pypi-[A-Za-z0-9_-]{50,250}"),
    _begin("AIza", "z", "a Google API key", _FREE + r"AIza[A-Za-z0-9_-]{35}"),
    _begin("SG.", "G", "a SendGrid key", _FREE + r"SG\.[A-Za-z0-9_-]{16,80}\.[A-Za-z0-9_-]{16,80}"),
    _begin("AKIA", "K", "an AWS access key", _AWS),
    _begin("ASIA", "S", "an AWS access key", _AWS),
    _begin("aws_secret_access_key", "_", "an AWS secret key",
           r"aws_secret_access_key[\"' ]{0,2}[=:][\"' ]{0,2}[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])"),
    _begin("-----BEGIN ", "B", "a private key", r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
    _begin("eyJ", "J", "a JSON Web Token", _FREE + r"eyJ[A-Za-z0-9_-]{8,500}\.eyJ[A-Za-z0-9_-]{8,5000}\.[A-Za-z0-9_-]{8,1000}"),
)  # fmt: skip

_DOMAIN = re.compile(rb"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])")
_LOCAL = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._%+-")
_LONGEST_LOCAL = 64
_RESERVED = re.compile(
    rb"(?:^|\.)(?:example\.(?:com|org|net)|example|test|invalid|localhost)$", re.IGNORECASE
)
_CREDENTIALS = re.compile(rb"[^\s/@:\"'<>]{1,64}:[^\s/@\"'<>]{1,128}")
_CARD = re.compile(rb"(?<![0-9A-Za-z.,+-])[3-6]\d{3}(?:[ -]?\d{2,7}){2,4}(?![0-9A-Za-z]|[.,-]\d)")
_IBAN = re.compile(rb"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])")
_SSN = re.compile(rb"(?<![0-9A-Za-z-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![0-9A-Za-z-])")
_INTERNATIONAL = re.compile(rb"(?<![0-9A-Za-z+])\+[1-9](?:[ ().-]{0,2}\d){8,14}(?![0-9A-Za-z]|[.-]\d)")
_AMERICAN = re.compile(
    rb"(?<![0-9A-Za-z+.-])(?:1[ .-])?\(?[2-9]\d{2}\)?[ .-]{1,2}\d{3}[.-]\d{4}(?![0-9A-Za-z]|[.-]\d)"
)


class Finder:
    """Looks through one text. Positions are bytes of its UTF-8."""

    def __init__(self, text: bytes, letters: Bytes) -> None:
        self._text, self._letters = text, letters
        self._places: dict[int, npt.NDArray[np.int64]] = {}

    def sightings(self) -> Iterator[Sighting]:
        """Everything found, kind after kind; of numbers that overlap, the kind with the surest check."""
        yield from self._begun()
        yield from self._at_signs()
        yield from self._numbers()

    def _begun(self) -> Iterator[Sighting]:
        for known in BEGINNINGS:
            for at in self._where(known.literal, known.rare):
                if found := known.pattern.match(self._text, at):
                    yield Sighting(at, "secret", known.what, masked(found.group(), len(known.literal), 0))

    def _where(self, literal: bytes, rare: int) -> list[int]:
        """Where `literal` stands, found from its rarest letter outwards."""
        at = self._of(literal[rare]) - rare
        at = at[(at >= 0) & (at <= len(self._text) - len(literal))]
        for i in sorted(range(len(literal)), key=lambda i: abs(i - rare)):
            if not at.size:
                return []
            at = at[self._letters[at + i] == literal[i]]
        return [int(place) for place in at]

    def _of(self, letter: int) -> npt.NDArray[np.int64]:
        """All places of one letter."""
        if letter not in self._places:
            self._places[letter] = np.flatnonzero(self._letters == letter)
        return self._places[letter]

    def _at_signs(self) -> Iterator[Sighting]:
        text = self._text
        for at in self._of(ord("@")).tolist():
            scheme = text.rfind(b"://", max(0, at - 200), at)
            if scheme >= 0 and _CREDENTIALS.fullmatch(text, scheme + 3, at):
                yield Sighting(at, "secret", "a password in a URL", _scheme(text, scheme))
                continue
            domain = _DOMAIN.match(text, at + 1)
            if domain is None or _RESERVED.search(domain.group()):
                continue
            start = at
            while start > max(0, at - _LONGEST_LOCAL) and text[start - 1] in _LOCAL:
                start -= 1
            if start < at:
                yield Sighting(
                    start, "personal-data", "an email address", masked(text[start : domain.end()], 1, 3)
                )

    def _numbers(self) -> Iterator[Sighting]:
        """Accounts, cards, social security and phone numbers, each first sought by where its digits and signs can stand."""
        digit = (self._letters - np.uint8(48)) < 10
        if np.count_nonzero(digit) < _FEWEST_DIGITS:
            return
        text, taken = self._text, bytearray()
        for candidates, pattern, what, right, first in (
            (self._iban_places(digit), _IBAN, "a bank account (IBAN)", _iban, 4),
            (self._card_places(digit), _CARD, "a payment card number", _card, 0),
            (
                self._signs(digit, b"-", (-3, -2, -1, 1, 2, 4, 5, 6, 7)),
                _SSN,
                "a US social security number",
                None,
                0,
            ),
            (self._signs(digit, b"+", (1,)), _INTERNATIONAL, "a phone number", None, 0),
            (self._signs(digit, b"-.", (-3, -2, -1, 1, 2, 3, 4)), _AMERICAN, "a phone number", None, 0),
        ):
            for start, end in candidates:
                for found in pattern.finditer(text, start, end):
                    span = _right_part(found, right)
                    if span is None:
                        continue
                    taken = taken or bytearray(len(text))
                    if 1 not in taken[span[0] : span[1]]:
                        taken[span[0] : span[1]] = b"\x01" * (span[1] - span[0])
                        yield Sighting(
                            span[0], "personal-data", what, masked(text[span[0] : span[1]], first, 2)
                        )

    def _iban_places(self, digit: Flags) -> list[tuple[int, int]]:
        """Two capitals and two digits."""
        capital = (self._letters - np.uint8(65)) < 26
        at = np.flatnonzero(capital[:-3] & capital[1:-2] & digit[2:-1] & digit[3:])
        return [(start, min(len(self._text), start + 70)) for start in at.tolist()]

    def _card_places(self, digit: Flags) -> list[tuple[int, int]]:
        """Digits in groups, parted by single spaces or hyphens, 13 or more of them."""
        edges = np.flatnonzero(np.diff(digit, prepend=False, append=False))
        starts, ends = edges[::2], edges[1::2]
        between = self._letters[np.minimum(ends, len(digit) - 1)][:-1]
        linked = (starts[1:] - ends[:-1] == 1) & ((between == 0x20) | (between == 0x2D))
        heads = np.flatnonzero(np.concatenate(([True], ~linked)))
        counts = np.add.reduceat(ends - starts, heads)
        last = np.append(heads[1:], len(starts)) - 1
        long = counts >= 13
        stop = len(self._text)
        pairs = zip(starts[heads[long]].tolist(), ends[last[long]].tolist(), strict=True)
        return [(start, min(stop, end + 2)) for start, end in pairs]

    def _signs(self, digit: Flags, signs: bytes, around: tuple[int, ...]) -> list[tuple[int, int]]:
        """One of some signs, with digits at these distances."""
        found = []
        for sign in signs:
            at = self._of(sign)
            at = at[(at >= -around[0]) & (at < len(digit) - around[-1])]
            for distance in around:
                at = at[digit[at + distance]]
            found += at.tolist()
        stop = len(self._text)
        return [(max(0, at - 12), min(stop, at + 48)) for at in sorted(found)]


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


def _scheme(text: bytes, end: int) -> str:
    start = end
    while start > max(0, end - 12) and text[start - 1 : start].isalnum():
        start -= 1
    return masked(text[start : end + 3], end + 3 - start, 0)


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
