"""Score the readings of a language model that were recorded: `python -m evals.reading.recorded [--show wrong,missed,intent]`.

`recorded.jsonl` holds, for every twelfth message of `develop_2`, what a capable reader answered to the prompt of
`prompts/model/read.md.jinja` over the wire, and nothing else. The code's checks run anew, so a change of them shows here.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from agent.reading import Reading
from agent.reading.heads import heads
from agent.reading.llm import MessageRead, checked, is_plain
from agent.reading.local import LocalReader
from evals.reading.messages import Message, messages
from evals.reading.score import report
from knowledge.embedding import find_encoder

RECORDED = Path(__file__).parent / "recorded.jsonl"


def recorded() -> dict[str, MessageRead]:
    """The model's answers, by the message's id."""
    rows = (json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines())
    return {row["id"]: MessageRead.model_validate(row["answer"]) for row in rows}


def readings(told: list[Message], answers: dict[str, MessageRead], local: LocalReader) -> list[Reading]:
    """Each message as a turn would read it: what is plain here, the rest from the record."""
    return [
        local.read(m.text, m.asked, m.known)
        if is_plain(m.text, m.asked) or m.id not in answers
        else checked(answers[m.id], m.text, m.known, m.asked)
        for m in told
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", default="", help="any of wrong,missed,intent")
    args = parser.parse_args()
    answers = recorded()
    told = [m for m in messages("develop_2") if m.id in answers]
    encoder = find_encoder()
    local = LocalReader(encoder, heads() if encoder else None)
    print(f"{len(told)} messages with a recorded answer")
    report(told, readings(told, answers, local), args.show, "")


if __name__ == "__main__":
    main()
