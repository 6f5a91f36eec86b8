"""Errors whose text is for the person at the keyboard: what is wrong, and what to do next.

RungError
├── BadValue        a slot was given a value it does not take       exit 2
├── BadInput        a command line, file or id that cannot be used  exit 2
└── NeedsSomething  something Rung needs is missing or unusable     exit 3
"""


class RungError(Exception):
    """Root of all errors that a front end shows as a sentence. Anything else is a bug."""

    exit_code = 1


class BadValue(RungError, ValueError):
    exit_code = 2


class BadInput(RungError):
    exit_code = 2


class NeedsSomething(RungError):
    exit_code = 3
