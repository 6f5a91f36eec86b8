"""A language model behind one small door: `open_model(settings)`, then `Model.structured` and `Model.text`.

It proposes values and wording; what becomes of them is decided elsewhere. LangChain is loaded at the first call and not
before, and not at all without a model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.model.chat import Model
    from agent.settings import Settings


def open_model(settings: Settings) -> Model | None:
    """The language model of the settings; None where none is set up."""
    if settings.model is None:
        return None
    from agent.model.chat import Model

    return Model(settings.model, settings.sources)
