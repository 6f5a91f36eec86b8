"""A template of `prompts/kit/` made into a file: citations resolved, a missing value an error, their words kept harmless."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateNotFound
from markupsafe import Markup

from agent.kit.case import Case
from agent.recommendation import Citation, Sentence
from agent.render import Sources
from knowledge.corpus import Corpus

_MARKDOWN: Final = re.compile(r"([\\`*_~<>\[\]#|&$!])")
_TAG: Final = re.compile(r"<(?=[/!?a-zA-Z])")


class Page:
    """One file in the making: numbers its citations in order of first use."""

    def __init__(self, name: str, case: Case, corpus: Corpus) -> None:
        self._name = name
        self._case = case
        self._corpus = corpus
        self._sources = Sources()

    def render(self, **more: Any) -> str:
        """The file's text. What it cites is listed at the end of a Markdown file.

        Raises:
            UnknownPassage: the template cites what the corpus does not hold.
            UndefinedError: the template names a value that does not exist.
        """
        body = (
            _environment()
            .get_template(self._name)
            .render(case=self._case, cite=self._cite, told=self._told, source=self._source, **more)
        )
        if not self._sources.cited:
            return body
        tidied = re.sub(r"\n{3,}", "\n\n", body).strip()
        return f"{tidied}\n\n## Sources\n\n{self._listed()}"

    def _cite(self, passage_id: str, *points: str) -> Markup:
        """ "[1]", for a passage's id and the opening words of the points that support what was said."""
        return Markup(self._sources.marks([self._citation(passage_id, point) for point in points]))

    def _told(self, sentence: Sentence) -> Markup:
        """A reviewed claim with its citations."""
        return Markup(f"{for_markdown(sentence.text)} {self._sources.marks(sentence.citations)}")

    def _source(self, passage_id: str, point: str) -> str:
        """The id alone, for files that have no list of sources."""
        return self._citation(passage_id, point).passage_id

    def _citation(self, passage_id: str, point: str) -> Citation:
        passage = self._corpus.passage(passage_id)
        return Citation.of(passage, passage.point(point))

    def _listed(self) -> str:
        return "".join(
            f"{number}. `{passage_id}`, {for_markdown(c.publisher)} <{c.url}> (read {c.accessed})\n"
            for passage_id, number in self._sources.numbers.items()
            for c in (self._sources.cited[passage_id],)
        )


def for_markdown(text: str) -> Markup:
    """Text that Markdown shows as it stands."""
    return Markup(_MARKDOWN.sub(r"\\\1", text))


def for_prompt(text: str) -> Markup:
    """Text inside a prompt: it opens and closes no tag of ours. It stands within a line, so it ends no code block."""
    return Markup(_TAG.sub("&lt;", text))


def _harmless(value: Any) -> Markup:
    """What a template prints is escaped for Markdown, unless it was made for where it stands."""
    return value if isinstance(value, Markup) else for_markdown(str(value))


class _Templates(BaseLoader):
    """The files of `prompts/kit/`, wherever the package is installed."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, None]:
        path = files("prompts") / "kit" / f"{template}.jinja"
        try:
            return path.read_text(encoding="utf-8"), template, None
        except FileNotFoundError as error:
            raise TemplateNotFound(template) from error


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=_Templates(),
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=True,  # so that what a macro printed counts as made; the escaping itself is `finalize`'s
    )
    environment.filters["in_prompt"] = for_prompt
    return environment
