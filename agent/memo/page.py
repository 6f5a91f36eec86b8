"""The memo as one HTML page without scripts or outside parts, and as PDF from the same page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlsplit

from jinja2 import Environment, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from agent.errors import NeedsSomething
from agent.memo.memo import Memo
from agent.recommendation import Citation, Sentence
from agent.render import (
    OWN_PLATFORM,
    PORTABLE,
    Sources,
    a_call,
    cost_lines,
    dollars,
    platform_name,
    sections,
    standing,
    where,
)
from agent.rubric import NAMES
from agent.writing.platforms import read_on

#: Sections of the advice that belong on the first page.
_FIRST: Final = ("Watch out", "Before anything else", "What holds the next rung back", "Do next")
_FLIPS: Final = "What would change this"


def html(found: Memo) -> str:
    """The whole page. What people said is text in it, never markup."""
    advice = found.recommendation
    sources = Sources()

    def told(sentence: Sentence) -> Markup:
        return Markup("{} {}").format(sentence.text, marks(sentence.citations))

    def marks(citations: Iterable[Citation]) -> Markup:
        numbers = sources.marks(citations).strip("[]").split("][")
        links = (
            Markup('<a href="#source-{0}" aria-label="source {0}">[{0}]</a>').format(n) for n in numbers if n
        )
        return Markup('<sup class="cite">{}</sup>').format(Markup("").join(links))

    parts = dict(sections(advice))
    most = max((m.total for m in advice.cost.months), default=0) if advice.cost else 0
    body = _template().render(
        memo=found,
        advice=advice,
        names=NAMES,
        steps=[(step, *standing(advice, step.rung)) for step in reversed(advice.ladder)],
        first=[(title, parts[title]) for title in _FIRST if title in parts],
        flips=parts.get(_FLIPS, ()),
        rest=[(title, part) for title, part in parts.items() if title not in (*_FIRST, _FLIPS)],
        told=told,
        marks=marks,
        dollars=dollars,
        a_call=a_call,
        cost_lines=cost_lines,
        share=lambda total: f"{100 * float(total) / float(most):.1f}" if most else "0",
        platform_name=platform_name,
        read_on=read_on,
        platform_note=PORTABLE if any(p.yours for p in advice.availability) else OWN_PLATFORM,
    )
    for citation in advice.citations():
        sources.marks([citation])
    cited = advice.citations()
    listed = Markup("\n").join(
        _source(number, [c for c in cited if c.passage_id == passage_id])
        for passage_id, number in sources.numbers.items()
    )
    return str(body).replace("<!-- sources -->", str(listed))


def pdf(found: Memo) -> bytes:
    """The printed page as PDF.

    Raises:
        NeedsSomething: the extra `pdf` is not installed.
    """
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:
        raise NeedsSomething(
            "A PDF needs WeasyPrint: pip install 'rung[pdf]' (on Debian also: apt install libpango-1.0-0 libpangoft2-1.0-0). "
            "Or take --format html and print it."
        ) from error
    made: bytes = HTML(string=html(found), url_fetcher=_nothing).write_pdf()
    return made


def _nothing(url: str, *_: Any, **__: Any) -> Any:
    """Nothing is fetched for a page that holds all its parts."""
    raise ValueError(f"The memo fetches nothing, and something asked for {url[:80]}")


def _source(number: int, cited: Sequence[Citation]) -> Markup:
    """One passage with every piece of it that is cited."""
    c = cited[0]
    quotes = Markup("").join(Markup("<q>{}</q>{}").format(one.quote, _original(one)) for one in cited)
    stale = next(
        (Markup(' <em class="provisional">{}</em>').format(one.stale) for one in cited if one.stale), ""
    )
    address = escape(c.url)
    if urlsplit(c.url).scheme in ("http", "https"):
        address = Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(c.url)
    return Markup(
        '<li id="source-{}" value="{}"><strong>{}</strong>, {} (read {}){}{}<span class="url">{}</span></li>'
    ).format(number, number, c.source, c.publisher, c.accessed, stale, quotes, address)


def _original(citation: Citation) -> Markup:
    """The sentence of the page itself, to be opened in place."""
    one = citation.original
    if one is None:
        return Markup("")
    return Markup(
        "<details><summary>in the original</summary><blockquote>{}</blockquote>{}</details>"
    ).format(one.quote, where(one))


@lru_cache(maxsize=1)
def _template() -> Any:
    environment = Environment(
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.from_string(files("prompts").joinpath("memo.html.jinja").read_text(encoding="utf-8"))
