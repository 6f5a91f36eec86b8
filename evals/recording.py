"""Conversations with a language model, recorded: `python -m evals.recording --out FOLDER [--part 1/4] [--only ID …]`.

The advisor as everybody has it, with the model that the environment names (docs/model.md), talks with scripted people whom
`recording.yaml` draws from the development scenarios; after the advice they go on asking. For each conversation FOLDER gets
a transcript to read (`transcripts/*.md`), its model calls to be played again (`cassette.jsonl`), and what came of it
(`talks.jsonl`). A conversation that is there already is not held again, so a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache
from io import StringIO
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import yaml
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import BaseMessage, convert_to_openai_messages
from langchain_core.outputs import ChatGeneration, LLMResult

from agent.advisor import Advisor
from agent.bootstrap import build
from agent.conversation import Reply
from agent.errors import BadInput, NeedsSomething, RungError
from agent.model.prompts import prompt
from agent.render import screen
from agent.settings import Budget, Settings
from evals.cassette import PURPOSES, Recorded, asked_hash, request_hash, shape_of
from evals.manners import Line, Manner, Script
from evals.scenario import FOLDER, Scenario, scenarios
from evals.simulated_user import Scripted, talk

PLAN: Final = Path(__file__).with_name("recording.yaml")
#: Conversations of this length are wanted; what an interview may take holds all the same.
_WIDE: Final = Budget(100_000, 1_000_000_000, Decimal(1_000_000))
_WIDTH: Final = 100


@dataclass(frozen=True)
class Conversation:
    """A scenario, the manner it is told in, and what is said after the advice: each with the kind that it is of."""

    scenario: Scenario
    manner: Manner
    follow_ups: tuple[tuple[str, Line], ...]

    @property
    def id(self) -> str:
        return f"{self.scenario.id}.{self.manner.value}"


def planned(files: Sequence[str] = ()) -> list[Conversation]:
    """The conversations of the plan, in its order; with `files`, those whose scenarios stand there."""
    plan = _plan()
    drawn = random.Random(plan["seed"])
    told = [(name, s) for name, count in plan["files"].items() for s in _drawn(drawn, name, count)]
    manners = [Manner(name) for name, count in plan["manners"].items() for _ in range(count)]
    drawn.shuffle(manners)
    kinds = _dealt(drawn, list(plan["follow_ups"]), len(told))
    rows = [
        (name, Conversation(scenario, manner, tuple((k, _wording(drawn, k)) for k in dealt)))
        for (name, scenario), manner, dealt in zip(told, manners, kinds, strict=True)
    ]
    drawn.shuffle(rows)
    return [conversation for name, conversation in rows if not files or name in files]


def _drawn(drawn: random.Random, name: str, count: int) -> list[Scenario]:
    """So many scenarios of a file; only such as are there to be read."""
    open_to_all = [s for s in scenarios(FOLDER / f"{name}.yaml") if s.means is not None and not s.kept]
    return drawn.sample(open_to_all, count)


def _dealt(drawn: random.Random, kinds: list[str], conversations: int) -> list[list[str]]:
    """Two or three different kinds for each conversation, every kind about as often."""
    deck: list[str] = []
    dealt: list[list[str]] = []
    for _, size in zip(range(conversations), cycle((2, 3)), strict=False):
        hand: list[str] = []
        while len(hand) < size:
            if not deck:
                deck = drawn.sample(kinds, len(kinds))
            kind = next((k for k in deck if k not in hand), None)
            if kind is None:
                deck = [*deck, *drawn.sample(kinds, len(kinds))]
            else:
                deck.remove(kind)
                hand.append(kind)
        dealt.append(hand)
    return dealt


def _wording(drawn: random.Random, kind: str) -> Line:
    row = drawn.choice(_plan()["follow_ups"][kind])
    return Line(row["text"], row.get("states", {}))


@cache
def _plan() -> Any:
    return yaml.safe_load(PLAN.read_text(encoding="utf-8"))


# -- the person -------------------------------------------------------------------------------------------------------


class GoingOn:
    """The scripted person, who goes on asking once the script has nothing more to say. Writes the transcript on the way."""

    def __init__(self, conversation: Conversation, advisor: Advisor, ear: Ear, out: Path) -> None:
        self._script = Scripted(Script(conversation.scenario, conversation.manner))
        self._left = list(conversation.follow_ups)
        self._advisor, self._ear, self._out = advisor, ear, out
        self.thread = ""
        self.first: Mapping[str, Any] = {}
        """What there was when the advice was given: its rung and what the interview used."""
        self._said = ""
        self._kind = ""
        out.write_text(f"# {conversation.id}\n", encoding="utf-8")

    def opening(self) -> Line:
        return self._says(self._script.opening())

    def next(self, reply: Reply) -> Line | None:
        self._write(reply)
        if reply.recommendation is not None and not self.first:
            spent = self._advisor.used(self.thread)[1]
            self.first = {
                "rung": reply.recommendation.verdict.rung,
                "reworded": reply.recommendation.wording is not None,
                "calls": spent.calls,
                "input_tokens": spent.input_tokens,
                "output_tokens": spent.output_tokens,
            }
        self._kind = ""
        line = self._script.next(reply)
        if line is None and self._left:
            self._kind, line = self._left.pop(0)
        return None if line is None else self._says(line)

    def _says(self, line: Line) -> Line:
        self._said = line.text
        self._ear.turn += 1
        return line

    def _write(self, reply: Reply) -> None:
        used = self._advisor.used(self.thread)[0]
        shown = self._ear.of_turn()
        calls = f"calls: {'; '.join(shown) or 'none'}"
        head = f"## {self._ear.turn}" + (f" · {self._kind}" if self._kind else "")
        with self._out.open("a", encoding="utf-8") as out:
            print(f"\n{head}\n", file=out)
            print("\n".join(f"> {line}" for line in self._said.splitlines()), file=out)
            print(f"\n```text\n{printed(reply)}```\n", file=out)
            print(f"{calls} · {used.input_tokens:,} tokens in · {used.output_tokens:,} out", file=out)


def printed(reply: Reply) -> str:
    """A reply as a terminal shows it."""
    from rich.console import Console

    out = StringIO()
    console = Console(file=out, width=_WIDTH, no_color=True, color_system=None, highlight=False, emoji=False)
    for part in reply.parts:
        console.print(screen(part, _WIDTH))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


# -- what the model is asked ------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Ear(BaseCallbackHandler):
    """Listens to each call of the model: what was asked, what came back."""

    conversation: str = ""
    turn: int = 0
    calls: list[Recorded] = field(default_factory=list)
    _open: dict[UUID, Recorded] = field(default_factory=dict)

    def begin(self, conversation: str) -> None:
        self.conversation, self.turn, self.calls = conversation, 0, []

    def of_turn(self) -> list[str]:
        """What the calls of the turn were for."""
        return [c.purpose + (f", {c.fault}" if c.fault else "") for c in self.calls if c.turn == self.turn]

    def on_chat_model_start(
        self, serialized: dict[str, Any], messages: list[list[BaseMessage]], *, run_id: UUID, **kwargs: Any
    ) -> None:
        body = {**kwargs.get("invocation_params", {}), "messages": convert_to_openai_messages(messages[0])}
        purpose = PURPOSES.get(shape_of(body).get("name", ""), "unknown")
        self._open[run_id] = Recorded(
            conversation=self.conversation,
            turn=self.turn,
            purpose=purpose,
            prompt=prompt(purpose).id if purpose != "unknown" else "",
            request=request_hash(body),
            asked=asked_hash(body),
        )

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        given = response.generations[0][0]
        assert isinstance(given, ChatGeneration)
        message: Any = given.message
        usage = message.usage_metadata or {}
        calls = message.tool_calls
        self.calls.append(
            self._open.pop(run_id).model_copy(
                update={
                    "answer": json.dumps(calls[0]["args"], ensure_ascii=False) if calls else message.text,
                    "input_tokens": usage.get("input_tokens", 0),
                    "output_tokens": usage.get("output_tokens", 0),
                }
            )
        )

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        self.calls.append(self._open.pop(run_id).model_copy(update={"fault": type(error).__name__}))


# -- a run ------------------------------------------------------------------------------------------------------------


def record(wanted: Sequence[Conversation], out: Path, settings: Settings) -> Iterator[Mapping[str, Any]]:
    """Hold each conversation that `out` lacks, one after another, and give what came of it.

    Raises:
        NeedsSomething: no language model is set up.
    """
    if settings.model is None:
        raise NeedsSomething(
            "No language model is set up. Set OPENAI_API_KEY or OPENAI_BASE_URL, see docs/model.md."
        )
    model = replace(settings.model, session=_WIDE, day=_WIDE)
    (out / "transcripts").mkdir(parents=True, exist_ok=True)
    done = {row["conversation"] for row in _rows(out / "talks.jsonl")}
    ear = Ear()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'talks.db'}"
        advisor, _ = build(replace(settings, database_url=url, model=model), listeners=[ear])
        for conversation in wanted:
            if conversation.id not in done:
                yield _held(conversation, advisor, ear, out)


def _held(conversation: Conversation, advisor: Advisor, ear: Ear, out: Path) -> Mapping[str, Any]:
    ear.begin(conversation.id)
    person = GoingOn(conversation, advisor, ear, out / "transcripts" / f"{conversation.id}.md")
    person.thread = f"{conversation.scenario.id}/{conversation.manner.value}/0"
    done = talk(advisor, conversation.scenario, conversation.manner, user=person).talk
    row = {
        "conversation": conversation.id,
        "follow_ups": [kind for kind, _ in conversation.follow_ups],
        "model": advisor.model_told,
        "interview": person.first,
        "talk": done.model_dump(mode="json", exclude_defaults=True),
    }
    _append(out / "cassette.jsonl", [c.model_dump_json(exclude_defaults=True) for c in ear.calls])
    _append(out / "talks.jsonl", [json.dumps(row, ensure_ascii=False)])
    return row


def _rows(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


def _append(path: Path, lines: Sequence[str]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def _part(given: str) -> tuple[int, int]:
    number, _, of = given.partition("/")
    if not (number.isdigit() and of.isdigit() and 1 <= int(number) <= int(of)):
        raise argparse.ArgumentTypeError("a part is written 1/4, the first of four")
    return int(number), int(of)


def _wanted(args: argparse.Namespace) -> list[Conversation]:
    found = planned(args.scenarios)
    known = {c.id for c in found}
    if unknown := sorted(set(args.only) - known):
        raise BadInput(f"Not in the plan: {', '.join(unknown)}. --list shows what is.")
    number, of = args.part
    share = list(islice(found, number - 1, None, of))
    return [c for c in share if not args.only or c.id in args.only]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, help="the folder to write to")
    parser.add_argument(
        "--scenarios", nargs="+", default=[], choices=list(_plan()["files"]), help="those files alone"
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="ID", help="these conversations alone")
    parser.add_argument(
        "--part", type=_part, default=(1, 1), help="a share: 2/4 is every fourth from the second"
    )
    parser.add_argument("--list", action="store_true", help="say which conversations these are, and stop")
    args = parser.parse_args()
    wanted = _wanted(args)
    if args.list or args.out is None:
        for c in wanted:
            print(c.id, *(kind for kind, _ in c.follow_ups))
        return
    for row in record(wanted, args.out, Settings.read()):
        made = row["interview"]
        told = f"rung {made['rung']}, {made['calls']} calls" if made else "no advice"
        print(
            f"{row['conversation']}: {told}; {row['talk'].get('spent', {}).get('calls', 0)} calls in all",
            flush=True,
        )


if __name__ == "__main__":
    try:
        main()
    except RungError as error:
        sys.exit(str(error))
