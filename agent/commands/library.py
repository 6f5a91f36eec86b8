"""What Rung knows."""

from __future__ import annotations

import json

import click

from agent.commands.desk import progress_line
from agent.recommendation import Citation
from agent.render import quoted
from agent.settings import Settings
from knowledge.corpus import Corpus


@click.command()
@click.argument("query")
@click.option("--count", "-n", default=5, type=click.IntRange(1, 50), help="How many passages.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def search(query: str, count: int, form: str) -> None:
    """Search the sources."""
    from agent.bootstrap import Shelf

    shelf = Shelf(Settings.read(), progress_line)
    found = shelf.search
    hits = found.search(query, count)
    if shelf.trouble:
        click.echo(f"rung: {shelf.trouble}", err=True)
    if form == "json":
        rows = [
            {"id": h.passage.id, "score": round(h.score, 4), "bm25": round(h.bm25, 4), "dense": None if h.dense is None else round(h.dense, 4),
             "heading": h.passage.heading, "quote": h.point, "source": h.passage.source.title, "url": h.passage.url, "accessed": h.passage.source.accessed,
             "relation": h.passage.source.relation, "original": None if h.original is None else {"id": h.original.id, "quote": h.original_point, "url": h.original.url}}
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
        whose = "  (your own)" if hit.passage.source.relation == "own" else ""
        click.echo(f"{hit.score:.2f}  {hit.passage.id}{whose}\n      {hit.point}")
        if hit.original is not None:
            click.echo(f"      the page itself: “{hit.original_point}”  {hit.original.id}")


@click.command()
@click.argument("passage_id")
@click.option("--original", is_flag=True, help="With the sentences of the page itself, where it was fetched.")
def show(passage_id: str, original: bool) -> None:
    """One passage, word for word: rung show guide#escalation-ladder"""
    from agent.bootstrap import Shelf

    corpus = Shelf(Settings.read()).corpus
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
    note = f"{passage.source.note}\n" if passage.source.relation == "own" else ""
    click.echo(
        f"{passage.heading}  ({passage.id})\n{passage.source.title}, {passage.source.publisher}\n{passage.url}  (read {passage.source.accessed})\n{note}"
    )
    for point in passage.points:
        click.echo(f"- {point}")
        if original:
            _show_original(Citation.of(passage, point), corpus)


def _show_original(citation: Citation, corpus: Corpus) -> None:
    """The sentence behind a point, marked in its surroundings."""
    from rich.console import Console

    if citation.stale:
        click.echo(f"  ({citation.stale})")
    if citation.original is None:
        click.echo("  no sentence of its page is at hand\n")
        return
    one = citation.original
    with Console() as console:
        console.print(quoted(one, corpus.kept(one.document_id, one.sha256)))
    click.echo()
