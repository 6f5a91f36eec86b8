"""Tokens of other workspaces at rest: sealed with Fernet (AES-128-CBC and HMAC-SHA256), several keys for rotation."""

from __future__ import annotations

from collections.abc import Sequence

from agent.errors import BadInput, NeedsSomething


class Vault:
    """Seals with the first key, opens with any: put a new key first, keep the old one until all is sealed anew.

    Raises:
        BadInput: a key is not one.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        from cryptography.fernet import Fernet, MultiFernet

        try:
            self._fernet = MultiFernet([Fernet(key.strip()) for key in keys])
        except ValueError as error:
            raise BadInput(
                "RUNG_SLACK_KEYS holds a key that cannot be used. A key is what `rung slack --new-key` prints; several are joined by commas."
            ) from error

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text again.

        Raises:
            NeedsSomething: no key fits.
        """
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise NeedsSomething(
                "A workspace's token was sealed with a key that RUNG_SLACK_KEYS does not hold. Add the old key after the new one."
            ) from error

    def renew(self, sealed: str) -> str:
        """The same, sealed with the first key."""
        return self._fernet.rotate(sealed.encode()).decode()


def new_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()
