"""A recorded conversation as a document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from agent.conversation import Question, Reply
from agent.recommendation import Recommendation
from agent.render import markdown
from agent.sessions import Turn


def transcript_json(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Each turn with what was said, how it was read, and what was replied."""
    return [
        {
            "number": t.number,
            "at": t.at.isoformat(),
            "said": t.said,
            "reading": json.loads(t.reading),
            "reply": json.loads(t.reply),
        }
        for t in turns
    ]


def transcript_markdown(turns: Sequence[Turn]) -> str:
    """The talk, and the advice in full where it was given."""
    lines = [f"# Conversation {turns[0].thread_id}", ""]
    for turn in turns:
        lines += ["**You:**", "", *(f"> {line}" for line in turn.said.splitlines() or [""]), ""]
        for part in Reply.model_validate_json(turn.reply).parts:
            if isinstance(part, Recommendation):
                lines += [markdown(part).replace("\n## ", "\n### ").replace("# Rung", "## Rung", 1)]
            elif isinstance(part, Question):
                lines += [
                    f"**Rung:** {part.text}",
                    "",
                    *(f"{n}. {c.label}" for n, c in enumerate(part.choices, 1)),
                    "",
                ]
            else:
                lines += [f"**Rung:** {part.text}", ""]
    return "\n".join(lines)
