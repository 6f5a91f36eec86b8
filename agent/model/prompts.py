"""The prompts for the language model: one file a purpose in `prompts/model/`, each with a version.

The part before `--- user ---` never changes within a version, so that a provider's prompt cache can keep it; what is of
this turn follows. A missing variable is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from agent.model.chat import Message

if TYPE_CHECKING:
    from jinja2 import Template

_VERSION: Final = re.compile(r"\{# version: (\d+) #\}\n")
_PARTS: Final = "\n--- user ---\n"
#: What could end the marks around data.
_MARKS: Final = re.compile(
    r"<(?=/?(?:talk|facts|message|question|material|sources|passages|sentences|advice)\b)", re.IGNORECASE
)


@dataclass(frozen=True)
class Prompt:
    """A prompt of `prompts/model/`. `id` names file and version, as in "read/1"."""

    id: str
    stable: str
    changing: Template

    def render(self, **values: object) -> list[Message]:
        """The messages to send.

        Raises:
            jinja2.UndefinedError: a variable is missing.
        """
        return [("system", self.stable), ("user", self.changing.render(**values))]


@lru_cache(maxsize=8)
def prompt(name: str) -> Prompt:
    """The prompt of a purpose."""
    from jinja2 import Environment, StrictUndefined

    source = files("prompts").joinpath("model", f"{name}.md.jinja").read_text(encoding="utf-8")
    version = _VERSION.match(source)
    stable, mark, changing = source.partition(_PARTS)
    if version is None or not mark:
        raise ValueError(f"prompts/model/{name}.md.jinja needs a version and a part for the user")
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=False)
    environment.filters["data"] = data
    return Prompt(
        id=f"{name}/{version[1]}",
        stable=_VERSION.sub("", stable),
        changing=environment.from_string(changing),
    )


def data(text: str) -> str:
    """Text of somebody else's, unable to close the marks it stands between."""
    return _MARKS.sub("‹", text)
