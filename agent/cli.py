"""The command line. Answers go to standard output, everything else to standard error.

Exit codes: 0 done, 1 the run failed, 2 bad usage or input, 3 something needed is missing.
"""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.errors import BadInput, RungError
from agent.settings import Settings
from knowledge.errors import KnowledgeError

if TYPE_CHECKING:
    from agent.advisor import Advisor
    from agent.recommendation import Recommendation
    from agent.sessions import Sessions


def main() -> None:
    """The console script."""
    _unbreak_streams()
    try:
        cli(prog_name="rung")
    except (RungError, KnowledgeError) as error:
        click.echo(f"rung: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # the reader of our output left; nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rung")
def cli() -> None:
    """Should we prompt, add examples, retrieve, or fine-tune? Rung asks a few questions and shows its sources."""


@cli.command()
@click.option(
    "--resume",
    "resume",
    is_flag=False,
    flag_value="",
    default=None,
    metavar="[ID]",
    help="Go on with a session; without an ID, the last one.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["auto", "text", "jsonl"]),
    default="auto",
    help="jsonl: one event a line, for programs.",
)
def chat(resume: str | None, form: str) -> None:
    """Talk it through: say what you are building, answer what matters, get advice."""
    from agent.bootstrap import build

    settings = Settings.read()
    advisor, shelf = build(settings)
    thread_id = _thread(resume, settings)
    from agent.terminal import converse, is_terminal

    if form == "auto" and is_terminal():
        converse(advisor, shelf, thread_id, settings.data_dir)
        return
    from agent.lines import converse_jsonl, converse_plain, stdin_lines

    shelf.progress = _progress_line
    if form == "jsonl":
        converse_jsonl(advisor, thread_id, stdin_lines(), sys.stdout)
    else:
        converse_plain(advisor, thread_id, stdin_lines(), sys.stdout)
    if shelf.trouble:
        click.echo(f"rung: searched by words alone: {shelf.trouble}", err=True)


@cli.command()
@click.argument("description", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text")
@click.option(
    "--kit", "folder", type=click.Path(path_type=Path), help="Write a starter kit to this folder too."
)
def assess(description: str | None, form: str, folder: Path | None) -> None:
    """Advice in one go on a DESCRIPTION (or on standard input). What it leaves open is listed and assumed."""
    from agent.bootstrap import Shelf
    from agent.render import markdown, understood
    from agent.writing import texts

    text = description if description is not None else _stdin_text()
    if not text.strip():
        raise BadInput(
            'Nothing to assess. Describe the use case: rung assess "we classify 5,000 emails a day with a long prompt"'
        )
    from agent.assessment import assess as assess_text

    shelf = Shelf(Settings.read(), _progress_line)
    advice, missing = assess_text(text, shelf.reader, shelf)
    written = ""
    if folder is not None:
        from agent.assessment import facts_in
        from agent.interview import settle_now

        written = _write_kit(folder, advice, settle_now(facts_in(text, shelf.reader))[0], shelf.corpus)
    if form == "json":
        click.echo(
            json.dumps(
                {"missing": [s.value for s in missing], "recommendation": advice.model_dump(mode="json")},
                ensure_ascii=False,
                indent=2,
            )
        )
        click.echo(written, err=True, nl=bool(written))
        return
    if form == "markdown":
        click.echo(markdown(advice))
    else:
        click.echo("What I understood:")
        for row in advice.understood:
            if row.value is not None:
                click.echo(f"  {understood(row)}")
        click.echo()
        _print(advice)
    if missing:
        names = ", ".join(texts.slot_name(s).lower() for s in missing)
        click.echo(f"\nProvisional. I did not find out about: {names}. `rung chat` asks.")
    click.echo(written, err=True, nl=bool(written))


@cli.command()
@click.option("--volume", help="Calls, like 5000/day, 150k/month or 40/hour.")
@click.option("--prompt-tokens", help="Tokens sent ahead of each call today.")
@click.option("--input-tokens", help="Tokens that differ from call to call.")
@click.option("--output-tokens", help="Tokens of an answer.")
@click.option("--model", help="The model you prompt, a row of the price table.")
@click.option("--tuned", help="The model you would tune, a row of the price table.")
@click.option(
    "--against", type=click.Choice(["prompt", "few-shot", "retrieval"]), help="What you have today."
)
@click.option("--case", "case_file", type=click.Path(), help="A YAML file with any of the inputs.")
@click.option(
    "--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Any input; docs/cost.md lists them."
)
@click.option(
    "--prices", "price_file", type=click.Path(), help="Your prices (YAML or CSV); they go before Rung's."
)
@click.option(
    "--draws", default=10_000, type=click.IntRange(0, 1_000_000), help="Draws for the ranges; 0: none."
)
@click.option("--seed", default=0, type=click.IntRange(0), help="The same seed draws the same.")
@click.option("--date", "day", metavar="DAY", help="Work it out as of this day, like 2026-11-22.")
@click.option(
    "--charts", type=click.Path(), help="Write the curve and the tornado to this folder (PNG, SVG)."
)
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text")
def cost(form: str, charts: str | None, **given: Any) -> None:
    """What the four ways cost a month, and when fine-tuning would pay back, if ever."""
    from agent.money.asking import asked
    from agent.money.estimate import estimate
    from agent.money.telling import markdown, text

    wanted = asked(given, Settings.read())
    found = estimate(wanted.case, wanted.prices, wanted.today, given["draws"], given["seed"])
    told = (
        found.model_dump_json(indent=2) + "\n"
        if form == "json"
        else (text if form == "text" else markdown)(found)
    )
    click.echo(told, nl=False)
    if charts:
        from agent.money.charts import write_charts
        from agent.money.sheet import Plan

        for path in write_charts(Plan.of(wanted.case, wanted.prices), found, Path(charts), wanted.today):
            click.echo(f"rung: wrote {path}", err=True)


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "markdown", "html", "jsonl"]),
    help="Without it, by the output's name; else csv.",
)
@click.option("--output", type=click.Path(path_type=Path), help="A file in place of standard output.")
@click.option("--text", "column", metavar="COLUMN", help="The column that describes the use case.")
@click.option("--resume", is_flag=True, help="Go on with a run: rows done before are taken over.")
def batch(file: Path, form: str | None, output: Path | None, column: str | None, resume: bool) -> None:
    """Triage a portfolio: each row of FILE (.csv or .jsonl) is a use case. Columns named like a slot are given values."""
    from agent.bootstrap import Shelf
    from agent.portfolio import rows, run

    if resume and output is None:
        raise BadInput("--resume needs the --output of the run to go on with.")
    if output is not None and output.resolve() == file.resolve():
        raise BadInput("The output is the input. Give another --output.")
    portfolio = rows.read(file, column)
    for remark in portfolio.remarks:
        click.echo(remark, err=True)
    form = run.form_of(form, output)
    shelf = Shelf(Settings.read(), _progress_line)
    reader, corpus, progress = shelf.reader, shelf.corpus, run.progress_on(sys.stderr)
    if shelf.trouble:
        click.echo(f"rung: read by words alone: {shelf.trouble}", err=True)
    by = run.made_by(corpus, with_encoder=not shelf.trouble)
    if output is None:
        done = run.run_to_stream(portfolio, sys.stdout, form, reader, corpus, by, progress=progress)
    else:
        done = run.run_to_file(portfolio, output, form, reader, corpus, by, resume=resume, progress=progress)
    click.echo(done.told(output), err=True)


@cli.command()
@click.argument("a")
@click.argument("b")
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text")
def compare(a: str, b: str, form: str) -> None:
    """Two use cases side by side: A and B are session ids, descriptions in quotes, or @files."""
    from agent.bootstrap import Shelf
    from agent.comparison import compare as compare_facts
    from agent.named_case import find
    from agent.side_by_side import comparison_markdown
    from agent.writing.contrasts import compared, compared_answer

    shelf = Shelf(Settings.read(), _progress_line)
    with _sessions() as kept:
        one, two = (find(x, name, lambda: shelf.reader, kept) for x, name in ((a, "A"), (b, "B")))
    told = compared(compare_facts(one.facts, two.facts), shelf.corpus, one.name, two.name)
    if form == "json":
        click.echo(json.dumps(told.model_dump(mode="json"), ensure_ascii=False, indent=2))
    elif form == "markdown":
        click.echo(comparison_markdown(told), nl=False)
    else:
        _print(compared_answer(told))


@cli.command()
@click.argument("query")
@click.option("--count", "-n", default=5, type=click.IntRange(1, 50), help="How many passages.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def search(query: str, count: int, form: str) -> None:
    """Search the sources."""
    from agent.bootstrap import Shelf

    shelf = Shelf(Settings.read(), _progress_line)
    found = shelf.search
    hits = found.search(query, count)
    if shelf.trouble:
        click.echo(f"rung: searched by words alone: {shelf.trouble}", err=True)
    if form == "json":
        rows = [
            {"id": h.passage.id, "score": round(h.score, 4), "bm25": round(h.bm25, 4), "dense": None if h.dense is None else round(h.dense, 4),
             "heading": h.passage.heading, "quote": h.point, "source": h.passage.source.title, "url": h.passage.url, "accessed": h.passage.source.accessed}
            for h in hits
        ]  # fmt: skip
        click.echo(
            json.dumps(
                {"query": query, "answered": found.answers(hits), "passages": rows},
                ensure_ascii=False,
                indent=2,
            )
        )
        return
    if not found.answers(hits):
        click.echo(
            "My sources do not answer that. The nearest they come:"
            if hits
            else "My sources do not answer that."
        )
    for hit in hits:
        click.echo(f"{hit.score:.2f}  {hit.passage.id}\n      {hit.point}")


@cli.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def sources(form: str) -> None:
    """What is indexed, when it was read, and what it is for."""
    from knowledge.corpus import load

    corpus = load(Settings.read().sources)
    counts = {
        source_id: sum(p.source.id == source_id for p in corpus.passages.values())
        for source_id in corpus.sources
    }
    if form == "json":
        from dataclasses import asdict

        click.echo(
            json.dumps(
                [{**asdict(s), "passages": counts[s.id]} for s in corpus.sources.values()],
                ensure_ascii=False,
                indent=2,
            )
        )
        return
    for source in corpus.sources.values():
        click.echo(
            f"{source.id}  ({counts[source.id]} passages, read {source.accessed})\n    {source.title}, {source.publisher}\n    {source.purpose}\n    {source.url}"
        )


@cli.command()
@click.argument("passage_id")
def show(passage_id: str) -> None:
    """One passage, word for word: rung show guide#escalation-ladder"""
    from knowledge.corpus import load

    corpus = load(Settings.read().sources)
    if passage_id in corpus.sources:
        source = corpus.sources[passage_id]
        click.echo(
            f"{source.title}, {source.publisher}\n{source.url}  (read {source.accessed})\n{source.note}".rstrip()
            + "\n"
        )
        for p in corpus.passages.values():
            if p.source.id == passage_id:
                click.echo(f"{p.id}  {p.heading}")
        return
    passage = corpus.passage(passage_id)
    click.echo(
        f"{passage.heading}  ({passage.id})\n{passage.source.title}, {passage.source.publisher}\n{passage.url}  (read {passage.source.accessed})\n"
    )
    for point in passage.points:
        click.echo(f"- {point}")


@cli.command()
@click.option("--delete", "gone", metavar="ID", help="Forget a session for good.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def sessions(gone: str | None, form: str) -> None:
    """Your conversations, the latest first."""
    with _sessions() as kept:
        if gone is not None:
            if not kept.delete(gone):
                raise BadInput(f"There is no session “{gone}”. `rung sessions` lists them.")
            click.echo(f"Forgotten: {gone}")
            return
        rows = kept.summaries()
    if form == "json":
        click.echo(
            json.dumps(
                [
                    {"id": r.thread_id, "last": r.last.isoformat(), "turns": r.turns, "opening": r.opening}
                    for r in rows
                ],
                ensure_ascii=False,
                indent=2,
            )
        )
        return
    if not rows:
        click.echo("None yet. `rung chat` starts one.")
    for r in rows:
        opening = " ".join(r.opening.split())
        click.echo(
            f"{r.thread_id}  {r.last:%Y-%m-%d %H:%M} UTC  {r.turns} turns  {opening[:60]}{'…' if len(opening) > 60 else ''}"
        )


@cli.command()
@click.argument("session_id", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["md", "html", "json", "pdf"]),
    help="By the output's name; else md.",
)
@click.option("--output", type=click.Path(path_type=Path), help="A new file in place of standard output.")
@click.option(
    "--kit", "folder", type=click.Path(path_type=Path), help="Write its starter kit to this folder too."
)
def export(session_id: str | None, form: str | None, output: Path | None, folder: Path | None) -> None:
    """The advice of a session (the last, without SESSION_ID) as a memo that can be sent to somebody."""
    from agent.memo.file import content, format_of, save
    from agent.memo.memo import asked_in, memo

    settings = Settings.read()
    session_id = session_id or _latest(settings)
    form = form or (format_of(output) if output else "md")
    advisor, advice = _advised(session_id, settings)
    if folder is not None:
        click.echo(_write_kit(folder, advice, advisor.facts(session_id), advisor.corpus), err=True)
    turns = advisor.turns(session_id)
    made = memo(asked_in(turns), advice, turns[-1].at.date())
    if output is None and form in ("html", "pdf"):
        output = Path(f"rung-memo-{session_id}.{form}")
    if output is None:
        click.echo(content(made, form).decode(), nl=False)
    else:
        click.echo(f"rung: wrote {save(made, output, form)}", err=True)


def _advised(session_id: str, settings: Settings) -> tuple[Advisor, Recommendation]:
    """The advisor, and the advice that a session has come to.

    Raises:
        BadInput: there is no such session, or it has not come so far.
    """
    from agent.bootstrap import build

    with _sessions(settings) as kept:
        kept.turns(session_id)
    advisor, _ = build(settings)
    advice = advisor.recommendation(session_id)
    if advice is None:
        raise BadInput(
            f"There is no advice in this session yet. `rung chat --resume {session_id}` goes on; `rung transcript {session_id}` shows it so far."
        )
    return advisor, advice


@cli.command()
@click.argument("session_id")
@click.option("--format", "form", type=click.Choice(["markdown", "json"]), default="markdown")
def transcript(session_id: str, form: str) -> None:
    """A whole conversation, advice and all."""
    from agent.transcript import transcript_json, transcript_markdown

    with _sessions() as kept:
        turns = kept.turns(session_id)
    click.echo(
        transcript_markdown(turns)
        if form == "markdown"
        else json.dumps(transcript_json(turns), ensure_ascii=False, indent=2)
    )


@cli.command()
@click.argument(
    "name",
    type=click.Choice(["recommendation", "events", "estimate", "what-if", "reach", "compare", "batch"]),
    default="recommendation",
)
def schema(name: str) -> None:
    """The JSON Schema of what programs receive."""
    from agent.contrast import Compared, Reached, WhatIf
    from agent.conversation import Reply
    from agent.money.estimate import Estimate
    from agent.portfolio.triage import Triaged
    from agent.recommendation import Recommendation

    models: dict[str, Any] = {
        "recommendation": Recommendation,
        "events": Reply,
        "estimate": Estimate,
        "what-if": WhatIf,
        "reach": Reached,
        "compare": Compared,
        "batch": Triaged,
    }
    click.echo(json.dumps(models[name].model_json_schema(mode="serialization"), indent=2))


@cli.command("check-dataset")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--test", type=click.Path(path_type=Path), help="A test file that must not share examples.")
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text")
@click.option("--jobs", "-j", default=1, type=click.IntRange(1, 256), help="Processes to read with.")
@click.option(
    "--max-tokens", default=65_536, show_default=True, type=click.IntRange(1), help="Longest example."
)
@click.option("--split", type=click.FloatRange(0, 0.5, min_open=True), help="Share for validation, 0.1 say.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the two files of a split.")
@click.option(
    "--show", default=5, show_default=True, type=click.IntRange(1, 10_000), help="Lines of each kind."
)
def check_dataset(
    file: Path,
    test: Path | None,
    form: str,
    jobs: int,
    max_tokens: int,
    split: float | None,
    out: Path | None,
    show: int,
) -> None:
    """Is FILE fit to fine-tune on? Names each problem with its line. Exit 0 if there are no errors, 1 if there are."""
    from agent.dataset.check import Options, check
    from agent.dataset.progress import Bar

    if (split is None) != (out is None):
        raise BadInput("A split needs both: --split 0.1 --out DIR.")
    with Bar(sys.stderr) as bar:
        report = check(file, Options(test, jobs, max_tokens, show, split, out), bar)
    if form == "json":
        click.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=2))
    else:
        click.echo(report.as_text() if form == "text" else report.as_markdown())
    if not report.ready:
        sys.exit(1)


@cli.command()
def doctor() -> None:
    """Is everything there? Says what is missing and how to add it."""
    from agent.checkup import checkup

    rows = checkup(Settings.read())
    for row in rows:
        click.echo(
            f"{'ok     ' if row.ok else 'MISSING' if row.needed else 'without'}  {row.what}: {row.found}"
        )
        if row.remedy:
            click.echo(f"         → {row.remedy}")
    if any(row.needed and not row.ok for row in rows):
        sys.exit(3)


def _thread(resume: str | None, settings: Settings) -> str:
    """The thread to talk in: a new one, the last one, or the one named."""
    if resume is None:
        return uuid.uuid4().hex[:8]
    if not resume:
        return _latest(settings)
    with _sessions(settings) as kept:
        kept.turns(resume)
    return resume


def _latest(settings: Settings) -> str:
    with _sessions(settings) as kept:
        latest = kept.summaries(1)
    if not latest:
        raise BadInput("There is no session yet. `rung chat` starts one.")
    return latest[0].thread_id


@contextmanager
def _sessions(settings: Settings | None = None) -> Iterator[Sessions]:
    from agent.sessions import Sessions

    settings = settings or Settings.read()
    if settings.database_url.startswith("sqlite"):
        settings.make_data_dir()
    kept = Sessions(settings.database_url)
    try:
        yield kept
    finally:
        kept.close()


def _write_kit(folder: Path, advice: Any, facts: Any, corpus: Any) -> str:
    """What was written, for the terminal."""
    from agent.kit.files import kit
    from agent.kit.folder import told, write_kit

    files = kit(advice, facts, corpus)
    write_kit(folder, files)
    return told(folder, files)


def _print(advice: Any) -> None:
    from rich.console import Console

    from agent.render import screen

    console = Console(highlight=False, emoji=False)
    console.print(screen(advice, console.width))


def _progress_line(done: int, total: int) -> None:
    """Index building on standard error: a line that moves on a terminal, a few lines elsewhere."""
    if sys.stderr.isatty():
        click.echo(f"\rBuilding the search index (once): {done} of {total}", nl=done == total, err=True)
    elif done == total or done * 4 // total != (done - 8) * 4 // total:
        click.echo(f"Building the search index (once): {done} of {total}", err=True)


def _stdin_text() -> str:
    if sys.stdin.isatty():
        raise BadInput('Describe the use case: rung assess "…", or pipe it in.')
    return sys.stdin.buffer.read().decode("utf-8", errors="replace")


def _unbreak_streams() -> None:
    """Whatever the locale says, text is UTF-8; what a terminal cannot show becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            encoding = (
                stream.encoding
                if (stream.encoding or "").lower().replace("-", "") in ("utf8", "cp65001")
                else "utf-8"
            )
            stream.reconfigure(encoding=encoding, errors="replace")
