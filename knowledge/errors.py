"""What can be wrong with the corpus, its index or its encoder, in a sentence with the next step."""


class KnowledgeError(Exception):
    """Shown to people as it is. Exit code 3: something needed is missing or unusable."""

    exit_code = 3


class EncoderFault(KnowledgeError):
    """The encoder at an endpoint did not do what it was asked; the local one can take its place."""


class UnknownPassage(KnowledgeError):
    """An id that names no passage of the corpus."""

    exit_code = 2


class BadPrices(KnowledgeError):
    """A table of prices that cannot be used, or a row that it does not have."""

    exit_code = 2
