"""A run as JUnit XML: a test case for each talk, a suite for each manner.

It keeps to what the schemas in use have in common (those of Ant and of Jenkins): the root has no attributes, every suite
has host, time stamp, properties and both outputs. The time stamp is the day on which all advice of the suite is given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from evals.figures import sliced
from evals.report.cases import Case, case, faults
from evals.report.digest import Seconds
from evals.report.sentences import rungs, seen, transcript
from evals.run import Run
from evals.simulated_user import Talk


def xml(
    run: Run, seconds: Seconds | None = None, *, day: date = date(2026, 11, 22), reveal: bool = False
) -> str:
    """The whole file.

    Args:
        seconds: of each turn, by `scenario/manner/seed`.
        day: what the suites are stamped with.
        reveal: show the words of scenarios kept for measuring.
    """
    root = Element("testsuites")
    made_of = {"run": run.name, **run.made_of.model_dump()}
    by = sliced(run.talks, lambda t: [t.manner.value])
    for number, manner in enumerate(m.value for m in run.manners if m.value in by):
        cases = [_testcase(t, run.repeat, _spent(t, seconds or {}), reveal) for t in by[manner]]
        root.append(_suite(number, manner, cases, made_of, day))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(
    number: int, manner: str, cases: Sequence[Element], made_of: Mapping[str, str], day: date
) -> Element:
    suite = Element(
        "testsuite", name=f"rung.{manner}", package="rung", id=str(number), hostname="localhost",
        timestamp=f"{day.isoformat()}T00:00:00", tests=str(len(cases)), failures=_how_many(cases, "failure"),
        errors="0", skipped=_how_many(cases, "skipped"), time=f"{sum(float(c.get('time', 0)) for c in cases):.3f}",
    )  # fmt: skip
    properties = SubElement(suite, "properties")
    for name, value in made_of.items():
        SubElement(properties, "property", name=name, value=seen(value))
    suite.extend(cases)
    SubElement(suite, "system-out")
    SubElement(suite, "system-err")
    return suite


def _testcase(talk: Talk, repeat: int, spent: float, reveal: bool) -> Element:
    name = talk.scenario + (f" #{talk.seed + 1}" if repeat > 1 else "")
    made = Element("testcase", name=seen(name), classname=f"rung.{talk.manner.value}", time=f"{spent:.3f}")
    if faults(talk):
        told = case(talk, reveal)
        why = f"{', '.join(told.faults)}: {rungs(told)}"
        SubElement(made, "failure", type=told.faults[0], message=seen(why)).text = seen(_explained(told))
    elif talk.expected is None:
        SubElement(made, "skipped")
    return made


def _explained(told: Case) -> str:
    """Why it fails, what was misread, and the whole talk; of what is kept only its scores."""
    if told.hidden:
        scores = "\n".join(f"{name}: {value:g}" for name, value in told.scores.items())
        return f"Kept for measuring, so its words are not shown.\n{scores}"
    misread = (f"{row.slot}: told {row.told}, read {row.read}" for row in told.misread)
    talk = (f"{who}> {text}" for who, text in transcript(told))
    return "\n".join([*told.reasons, *misread, "", *talk])


def _spent(talk: Talk, seconds: Seconds) -> float:
    return sum(seconds.get(f"{talk.scenario}/{talk.manner.value}/{talk.seed}", ()))


def _how_many(cases: Sequence[Element], what: str) -> str:
    return str(sum(c.find(what) is not None for c in cases))
