"""What Rung knows, the originals behind it, and a team's own documents: rung sources."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import click

from agent.errors import BadInput
from agent.settings import Settings

if TYPE_CHECKING:
    from knowledge.originals.fetcher import Fetcher
    from knowledge.originals.own import Told
    from knowledge.originals.store import Store
    from knowledge.originals.sync import Outcome

#: Names listed of each kind that rests on a source; a rung's headline bears on a hundred scenarios.
MOST_LISTED: Final = 20


@click.group(invoke_without_command=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def sources(context: click.Context, form: str) -> None:
    """What is indexed, when it was read, and what it is for; originals and documents of your own."""
    if context.invoked_subcommand is None:
        _show_indexed(form)


@sources.command()
@click.option(
    "--only", "only", multiple=True, metavar="ID", help="Only the originals of this source; may be repeated."
)
def sync(only: tuple[str, ...]) -> None:
    """Fetch the originals of the sources into your data folder, and say what changed."""
    from knowledge.corpus import load
    from knowledge.originals.addresses import Addresses
    from knowledge.originals.fetcher import Fetcher
    from knowledge.originals.sync import sync as run

    settings = Settings.read()
    corpus, table = load(settings.sources), Addresses.read()
    unknown = [name for name in only if name not in corpus.sources]
    if unknown:
        raise BadInput(f"There is no source “{unknown[0]}”. `rung sources` lists them.")
    pages = [page for page in table.pages(corpus) if not only or page.source.id in only]
    settings.make_data_dir()
    count = 0

    def progress(outcome: Outcome) -> None:
        nonlocal count
        count += 1
        told = f": {_shown(outcome.why)}" if outcome.why else ""
        click.echo(f"{count}/{len(pages)}  {outcome.fate:8} {outcome.page.url}{told}", err=True)

    outcomes = run(pages, _store(settings), Fetcher(table.hosts(corpus)), _today(), progress)
    _tell(outcomes)
    _prepare(settings)
    if outcomes and all(o.fate in ("failed", "skipped") for o in outcomes):
        sys.exit(1)


@sources.command()
@click.argument("place")
@click.option("--title", default="", help="Its title; by default its first heading or its name.")
@click.option("--date", "dated", default="", help="The date on it: 2026, 2026-11 or 2026-11-22.")
@click.option(
    "--trust", type=click.Choice(["high", "medium", "low"]), default="medium", help="How far you rely on it."
)
@click.option("--publisher", default="", help="Who wrote it.")
def add(place: str, title: str, dated: str, trust: str, publisher: str) -> None:
    """Add a FILE, a FOLDER or a URL of your own: Markdown, text, HTML, PDF, DOCX."""
    from knowledge.originals.own import Label, add_path, add_url

    if not re.fullmatch(r"|\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", dated):
        raise BadInput(f"A date is written 2026, 2026-11 or 2026-11-22; not {dated!r}.")
    settings = Settings.read()
    store, label = _store(settings), Label(title, publisher, dated, trust)
    is_address = _is_address(place)
    path = Path(place).expanduser()
    if not is_address and not path.exists():
        raise BadInput(
            f"There is no file or folder {place}. Give a path, or an address that begins with https://."
        )
    if path.is_dir() and title:
        raise BadInput("--title names one document; a folder's documents have their own.")
    settings.make_data_dir()
    told = [add_url(place, label, store, _fetcher(place), _today())] if is_address else list(add_path(path, label, store, _today()))  # fmt: skip
    for one in told:
        _say(one, "added")
    if not any(one.document for one in told):
        raise BadInput(f"Nothing of {place} was added.")
    _prepare(settings)


def _is_address(place: str) -> bool:
    if not place.lower().startswith(("http://", "https://")):
        return False
    try:
        parts = urlsplit(place)
    except ValueError:
        parts = urlsplit("")
    if not parts.hostname:
        raise BadInput(f"{_shown(place)} is no address that can be read. Is it written in full?")
    if parts.username or parts.password:
        raise BadInput(
            "An address with a name and a password in it is not fetched. Save the page with your browser and add the file."
        )
    return True


@sources.command(name="list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def list_kept(form: str) -> None:
    """The originals and the documents of your own that are kept in your data folder."""
    documents = _store(Settings.read()).documents()
    if form == "json":
        keys = ("id", "source_id", "origin", "title", "publisher", "url", "media_type", "sha256", "trust", "dated", "moved_to", "gone")  # fmt: skip
        rows = [{k: getattr(d, k) for k in keys} | {"read": d.read.isoformat(), "sections": len(d.sections)} for d in documents]  # fmt: skip
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    if not documents:
        click.echo(
            "Nothing is kept yet: `rung sources sync` fetches the originals, `rung sources add` takes your own."
        )
    for d in documents:
        kind = "your own" if d.origin == "own" else "original"
        state = f"; moved to {d.moved_to}" if d.moved_to else f"; gone: {d.gone}" if d.gone else ""
        told = f"{d.id}  ({kind}, read {d.read}{', dated ' + d.dated if d.dated else ''}{', trust ' + d.trust if d.trust else ''})"
        click.echo(f"{told}\n    {_shown(d.title)}, {_shown(d.publisher)}\n    {_shown(d.url)}{state}")


@sources.command()
@click.argument("names", nargs=-1, required=True, metavar="ID…")
def remove(names: tuple[str, ...]) -> None:
    """Remove documents of your own, with their texts."""
    from knowledge.originals.own import chosen

    settings = Settings.read()
    store = _store(settings)
    found = {name: chosen(store, name) for name in names}
    missing = [name for name, documents in found.items() if not documents]
    if missing:
        raise BadInput(f"You have no document of your own “{missing[0]}”. `rung sources list` lists them.")
    for document in {d.id: d for documents in found.values() for d in documents}.values():
        store.drop(document.id)
        click.echo(f"removed  {document.id}")
    _prepare(settings)


@sources.command()
@click.argument("names", nargs=-1, metavar="[ID…]")
def update(names: tuple[str, ...]) -> None:
    """Read documents of your own again from where they came; all of them, or those named."""
    from knowledge.originals.own import chosen, own
    from knowledge.originals.own import update as again

    settings = Settings.read()
    store = _store(settings)
    documents = [d for name in names for d in chosen(store, name)] if names else list(own(store))
    missing = [name for name in names if not chosen(store, name)]
    if missing:
        raise BadInput(f"You have no document of your own “{missing[0]}”. `rung sources list` lists them.")
    told = [again(d, store, _fetcher, _today()) for d in documents]
    for one in told:
        _say(one, "updated" if one.changed else "same")
    _prepare(settings)
    if any(not one.document for one in told):
        sys.exit(1)


@sources.command()
def check() -> None:
    """What of the originals moved on, by what the last sync found, and what rests on it; exit code 1 if anything."""
    from agent.resting import resting
    from knowledge.corpus import load
    from knowledge.originals.addresses import Addresses
    from knowledge.originals.drift import drift

    settings = Settings.read()
    found = list(drift(_store(settings), Addresses.read().pages(load(settings.sources))))
    for one in found:
        click.echo(f"{one.document.id}: {_shown(one.why)}\n    {_shown(one.document.url)}")
        for old, new in one.sides:
            click.echo(f"    - {_shown(old)}\n    + {_shown(new)}")
        on_it = resting(one)
        for what, names in (("passages", one.rests), ("claims", on_it.claims), ("questions", on_it.questions), ("scenarios", on_it.scenarios)):  # fmt: skip
            if names:
                click.echo(f"    {what} that rest on it: {_listed(names)}")
        click.echo()
    if found:
        click.echo("Once you have read what changed: `rung sources accept ID`.")
        sys.exit(1)
    click.echo("Nothing has moved on, by what the last `rung sources sync` found.")


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MOST_LISTED
    return ", ".join(names[:MOST_LISTED]) + (f" and {more} more" if more > 0 else "")


@sources.command()
@click.argument("names", nargs=-1, required=True, metavar="ID…")
def accept(names: tuple[str, ...]) -> None:
    """Take originals as they are now as read: of a source, or one document."""
    from knowledge.originals.pins import accept as take

    settings = Settings.read()
    store = _store(settings)
    originals = [d for d in store.documents() if d.origin == "original"]
    missing = [name for name in names if not any(name in (d.id, d.source_id) for d in originals)]
    if missing:
        raise BadInput(f"There is no original “{missing[0]}”. `rung sources list` lists them.")
    for document in originals:
        if document.id in names or document.source_id in names:
            take(store, document)
            click.echo(f"accepted {document.id}")
    _prepare(settings)


def _prepare(settings: Settings) -> None:
    """What is new is looked through for the sentences behind the digests' points, and indexed for the search."""
    from agent.bootstrap import Shelf
    from knowledge.corpus import load
    from knowledge.originals.addresses import Addresses
    from knowledge.originals.pins import pin
    from knowledge.originals.sheets import Sheets

    store, encoder, corpus = _store(settings), Shelf(settings).encoder, load(settings.sources)
    rests = {page.id: page.rests for page in Addresses.read().pages(corpus)}
    pin(store, corpus, rests, encoder, _counting("Looking for the sentences behind the digests"))
    sheets = Sheets(store, encoder, settings.data_dir)
    sheets.build(_counting("Indexing your documents"))
    for told in sheets.unreadable:
        click.echo(f"rung: {_shown(told)}", err=True)


def _counting(what: str) -> Callable[[int, int], None]:
    """Progress in documents on standard error: a line that moves on a terminal, every tenth elsewhere."""

    def told(done: int, total: int) -> None:
        if sys.stderr.isatty():
            click.echo(f"\r{what}: {done} of {total}", nl=done == total, err=True)
        elif done == total or done % 10 == 0:
            click.echo(f"{what}: {done} of {total}", err=True)

    return told


def _show_indexed(form: str) -> None:
    from dataclasses import asdict

    from knowledge.corpus import load

    settings = Settings.read()
    corpus = load(settings.sources)
    counts = Counter(p.source.id for p in corpus.passages.values())
    ours = [d for d in _store(settings).documents() if d.origin == "own"]
    if form == "json":
        rows = [{**asdict(s), "passages": counts[s.id]} for s in corpus.sources.values()]
        rows += [{"id": d.id, "title": d.title, "publisher": d.publisher, "url": d.url, "accessed": d.read.isoformat(), "relation": "own", "trust": d.trust, "dated": d.dated} for d in ours]  # fmt: skip
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for source in corpus.sources.values():
        click.echo(
            f"{source.id}  ({counts[source.id]} passages, read {source.accessed})\n    {source.title}, {source.publisher}\n    {source.purpose}\n    {source.url}"
        )
    for d in ours:
        click.echo(f"{d.id}  (your own, read {d.read})\n    {_shown(d.title)}, {_shown(d.publisher)}\n    {_shown(d.url)}")  # fmt: skip


def _tell(outcomes: list[Outcome]) -> None:
    """The report of a sync: what changed by name, the rest in one line."""
    for outcome in outcomes:
        if outcome.fate not in ("same", "skipped"):
            told = f": {_shown(outcome.why)}" if outcome.why else ""
            click.echo(f"{outcome.fate:8} {outcome.page.id}  {outcome.page.url}{told}")
    counts = Counter(o.fate for o in outcomes)
    click.echo(", ".join(f"{n} {fate}" for fate, n in counts.most_common()) or "There is nothing to fetch.")


def _say(one: Told, done: str) -> None:
    if one.document:
        click.echo(f"{done:8} {one.document.id}  {_shown(one.document.title)}")
    else:
        click.echo(f"rung: {_shown(one.name)} was left as it is: {_shown(one.why)}.", err=True)


def _shown(text: str) -> str:
    """Text of a page or a file in one line, without what could move a terminal's cursor."""
    from knowledge.originals.blocks import clean

    return " ".join(clean(text[:2_000]).split())


def _store(settings: Settings) -> Store:
    from knowledge.originals.store import Store

    return Store(settings.data_dir / "originals")


def _fetcher(url: str) -> Fetcher:
    from knowledge.originals.fetcher import Fetcher

    return Fetcher({urlsplit(url).hostname or ""})


def _today() -> date:
    return datetime.now(UTC).date()
