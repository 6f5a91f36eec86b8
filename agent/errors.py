"""Errors whose text is for the person at the keyboard: what is wrong, and what to do next.

RungError
├── BadValue        a slot was given a value it does not take       exit 2
├── BadInput        a command line, file or id that cannot be used  exit 2
├── NeedsSomething  something Rung needs is missing or unusable     exit 3
└── ModelFault      the language model did not do what it was asked; Rung goes on without it
"""

from typing import Any


class RungError(Exception):
    """Root of all errors that a front end shows as a sentence. Anything else is a bug."""

    exit_code = 1


class BadValue(RungError, ValueError):
    exit_code = 2


class BadInput(RungError):
    exit_code = 2


class NeedsSomething(RungError):
    exit_code = 3


class ModelFault(RungError):
    """A call to the language model that came to nothing. `kind` is one of those in `agent/model/faults.py`; `wait` is how
    many seconds the server asked us to wait, where it did; `usage` what was used all the same, where calls were made."""

    exit_code = 3
    usage: Any = None

    def __init__(self, text: str, kind: str, *, wait: float | None = None) -> None:
        super().__init__(text)
        self.kind = kind
        self.wait = wait
