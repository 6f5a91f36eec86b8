"""The report says what the talks say, in every form, and quotes nothing that is kept for measuring."""

from __future__ import annotations

import io
import json
import re
from xml.etree import ElementTree

import pytest
from rich.console import Console

from agent.facts import Slot
from evals.manners import Manner
from evals.report import console, junit, markdown, page
from evals.report.calibration import calibration
from evals.report.cases import case, faults, flips
from evals.report.digest import Report
from evals.report.measures import MEASURES, percent
from evals.report.sentences import summary
from evals.run import BaselineResult, Run
from evals.scorers import SCORERS
from tests.made_up_runs import run, talk

SECRET = "the words of a kept scenario"
HOSTILE = '</pre></details><script>alert(1)</script> & "quotes" `x` ``` | cell \x00\x1b[31m \ufffe \u202eright to left'


def four() -> Run:
    """Told plainly: three right of four, one of the wrong ones an over-climb. Hostile: one right, one without advice."""
    return run(
        talk("a", 1, 1, asked=["prompting"], tags=("legal",)),
        talk("b", 2, 2, asked=["prompting", "shortfall"], tags=("legal", "short")),
        talk("c", 3, 3, asked=["knowledge", "retrieval", "confirm"], tags=("short",)),
        talk("d", 2, 4, asked=["volume"] * 6, useless=2, tags=("short",)),
        talk("a", 1, 1, Manner.HOSTILE),
        talk("b", 2, None, Manner.HOSTILE),
    )


def every_form(report: Report, made: Run, reveal: bool = False) -> dict[str, str]:
    shown = io.StringIO()
    console.show(report, Console(file=shown, width=140))
    return {
        "console": shown.getvalue(), "json": report.as_json(), "markdown": markdown.markdown(report),
        "junit": junit.xml(made, reveal=reveal), "html": page.html(report),
    }  # fmt: skip


# -- figures ----------------------------------------------------------------------------------------------------


def test_figures_are_those_counted_by_hand() -> None:
    report = Report.of(four())
    (share,) = report.shares
    right, over = share.figure("rung_acceptable"), share.figure("over_climb")
    assert right and (right.value, right.n, right.scenarios) == (0.75, 4, 4)
    assert (right.low, right.high) == (
        0.3006,
        0.9544,
    )  # Wilson for 3 of 4, worked out by his formula with z = 1.96
    assert over and (over.value, over.total) == (0.25, 1)
    pooled = share.figure("rung_acceptable", pooled=True)
    assert pooled and (pooled.value, pooled.n, pooled.scenarios) == (round(4 / 6, 4), 6, 4)
    dead = share.figure("dead_end", pooled=True)
    assert dead and (dead.total, dead.n) == (1, 6)
    assert (share.median_questions, share.most_questions) == (2.5, 6)  # 1, 2, 3 and 6
    assert (report.scenarios, report.talks, report.manners) == (4, 6, ("plain", "hostile"))


def test_confusion_counts_label_by_advice() -> None:
    plain, pooled = Report.of(four()).confusion
    assert plain.rows == ((1, 0, 0, 0, 0), (0, 1, 0, 1, 0), (0, 0, 1, 0, 0), (0, 0, 0, 0, 0))
    assert pooled.rows == ((2, 0, 0, 0, 0), (0, 1, 0, 1, 1), (0, 0, 1, 0, 0), (0, 0, 0, 0, 0))


def test_a_talk_without_label_is_counted_apart() -> None:
    report = Report.of(run(talk("a", 1, 1), talk("b", None, 2)))
    assert report.confusion[0].unlabelled == 1
    assert sum(map(sum, report.confusion[0].rows)) == 1
    assert report.failing == ()


def test_questions_are_counted_from_none_to_the_most() -> None:
    plain, pooled = Report.of(four()).questions
    assert (plain.counts, plain.median, plain.most) == ((0, 1, 1, 1, 0, 0, 1), 2.5, 6)
    assert sum(pooled.counts) == 6


def test_manners_and_tags_are_sliced() -> None:
    report = Report.of(four())
    assert [(m.name, m.talks) for m in report.by_manner] == [("plain", 4), ("hostile", 2)]
    found = {t.name: t.figure("rung_acceptable") for t in report.by_tag}
    assert {name: (f.value, f.n) for name, f in found.items() if f} == {
        "legal": (1.0, 2),
        "short": (round(2 / 3, 4), 3),
    }


def test_calibration_sets_firm_beside_provisional_and_smooth_beside_bumpy() -> None:
    talks = [
        talk("a", 1, 1), talk("b", 1, 2), talk("c", 1, 1),
        talk("d", 1, 2, assumptions=(Slot.VOLUME,)),
        talk("e", 1, 1, assumptions=(Slot.VOLUME, Slot.STABILITY, Slot.EXAMPLES), told=("I could not read that as an answer. Pick a number.",)),
        talk("f", 1, 2, told=("I am not sure I read that right. I take it as volume: 5. Say so if that is wrong.",)),
    ]  # fmt: skip
    found = {(g.ground, g.label): (g.right.total, g.right.n) if g.right else None for g in calibration(talks)}
    assert found["The advice says it is", "firm"] == (2, 4)
    assert found["The advice says it is", "provisional"] == (1, 2)
    assert [found["Things it had to assume", n] for n in ("none", "1", "2", "3 or more")] == [
        (2, 4),
        (0, 1),
        None,
        (1, 1),
    ]
    assert [found["The answers were", n] for n in ("read at once", "asked for again", "guessed at")] == [
        (2, 4),
        (1, 1),
        (0, 1),
    ]


def test_simpler_ways_stand_beside_rung_scenario_by_scenario() -> None:
    one = BaselineResult(
        name="always rung 1", told="Says 1.", rungs={"a": 1, "b": 1, "c": None, "d": 1}, questions=0
    )
    (found,) = Report.of(run(*four().talks, baselines=(one,))).baselines
    assert found.right and (found.right.total, found.right.n) == (1, 4)
    assert found.silent == 1
    assert found.ahead and (found.ahead.before, found.ahead.now, found.ahead.difference) == (0.25, 0.75, 0.5)
    assert found.ahead.p == 0.5  # two scenarios turn better, none worse: 2 * (1/2)^2


def test_simpler_ways_stand_beside_the_first_of_several_repeats() -> None:
    one = BaselineResult(name="always rung 1", told="Says 1.", rungs={"a": 1}, questions=0)
    repeated = run(talk("a", 1, 1, seed=0), talk("a", 1, 2, seed=1), baselines=(one,), repeat=2)
    (found,) = Report.of(repeated).baselines
    assert (
        found.right and found.ahead and (found.right.n, found.ahead.n, found.ahead.difference) == (1, 1, 0.0)
    )


def test_pass_k_needs_every_repeat_to_be_right() -> None:
    talks = [
        talk("a", 1, 1, seed=0),
        talk("a", 1, 2, seed=1),
        talk("b", 1, 1, seed=0),
        talk("b", 1, 1, seed=1),
    ]
    assert Report.of(run(*talks, repeat=2)).pass_k == (1.0, 0.5)
    assert Report.of(run(*talks)).pass_k == ()


def test_times_are_those_of_the_turns() -> None:
    times = Report.of(four(), seconds={"a/plain/0": [0.1, 0.2], "b/plain/0": [0.4]}).times
    assert times and (times.turns, times.median, times.most) == (3, 0.2, 0.4)
    assert times.p95 == 0.38  # nine tenths of the way from 0.2 to 0.4: 0.95 * 2 = 1.9
    assert Report.of(four()).times is None


def test_retrieval_is_shown_with_missing_cells_and_nothing_but_its_rows() -> None:
    shape = {
        "ablation": [{"name": "BM25", "recall": 0.9}, {"name": "both", "auroc": 0.8}],
        "chosen": "both",
        "misses": ["a query"],
    }
    found = Report.of(run(*four().talks, retrieval=shape))
    assert found.retrieval and found.retrieval.facts == {"chosen": "both"}
    assert found.retrieval.rows == (
        {"name": "BM25", "recall": 0.9, "auroc": None}, {"name": "both", "recall": None, "auroc": 0.8},
    )  # fmt: skip
    assert "a query" not in found.as_json()
    assert Report.of(run(*four().talks, retrieval={"odd": {}})).retrieval


# -- faults, flips, gate ----------------------------------------------------------------------------------------


def test_faults_are_named_gravest_first() -> None:
    assert [faults(t) for t in four().talks] == [
        (),
        (),
        (),
        ("over-climb", "useless question"),
        (),
        ("dead end",),
    ]
    assert [c.name for c in Report.of(four()).failing] == ["d (plain)", "b (hostile)"]
    assert faults(talk("x", 1, 3)) == ("wrong rung",)
    assert faults(talk("x", 1, 3, acceptable=[3])) == ()


def test_flips_name_what_turned_and_the_worse_come_first() -> None:
    before = [
        talk("a", 1, 1),
        talk("b", 2, 1),
        talk("c", 3, 1),
        talk("d", 2, 2, stance="stay"),
        talk("e", 1, 1),
        talk("gone", 1, 1),
    ]
    now = [
        talk("a", 1, 2),
        talk("b", 2, 2),
        talk("c", 3, 2),
        talk("d", 2, 2),
        talk("e", 1, 1),
        talk("new", 1, 2),
    ]
    assert [(f.turn, f.case.scenario, f.rung_before) for f in flips(before, now)] == [
        ("worse", "a", 1), ("better", "b", 1), ("other rung", "c", 1), ("other stance", "d", 2),
    ]  # fmt: skip
    found = Report.of(run(*now, code="d" * 16), run(*before)).comparison
    assert found and (found.same_talks, found.only_before, found.only_now) == (5, 1, 1)
    assert found.changed == ("code",)
    (right,) = [d for d in found.plain if d.name == "rung_acceptable"]
    assert (right.before, right.now, right.difference, right.p) == (
        0.6,
        0.6,
        0.0,
        1.0,
    )  # one worse, one better


def test_a_flip_shows_how_it_went_before_only_where_that_differs() -> None:
    (same,) = flips([talk("a", 1, 1)], [talk("a", 1, 2)])
    (other,) = flips([talk("a", 1, 1, said="once")], [talk("a", 1, 2, said="now")])
    assert same.earlier == ()
    assert [e.said for e in other.earlier] == ["once", "answer 1"]


def test_the_gate_tells_what_is_broken_and_what_of_it_is_new() -> None:
    good = run(talk("a", 1, 1), talk("b", 2, 2))
    assert Report.of(good).gate.open
    assert Report.of(good, good).gate.open
    assert Report.of(good).gate.against == ""
    assert Report.of(good, good).gate.against == f"run {good.name}"
    assert not Report.of(four()).gate.open
    before = run(*four().talks[:3], talk("d", 2, 2, asked=["volume"], useless=1))
    told = "; ".join(Report.of(run(*four().talks[:4]), before).gate.broken)
    assert "fine-tuning advised without warrant: 1 talk, 1 new" in told
    assert "a question that could not matter: 1 talk, none new" in told


def test_a_drop_closes_the_gate_when_its_interval_leaves_out_nought() -> None:
    before = run(*(talk(f"s{n}", 1, 1) for n in range(40)))
    now = run(*(talk(f"s{n}", 1, 2 if n < 20 else 1) for n in range(40)))
    assert not Report.of(now, before).gate.broken
    assert [d.split(":")[0] for d in Report.of(now, before).gate.drops][:2] == [
        "right rung fell",
        "exactly the labelled rung fell",
    ]
    assert Report.of(before, now).gate.open


def test_the_gate_holds_a_run_against_the_accepted_one_where_there_is_one() -> None:
    now = run(*(talk(f"s{n}", 1, 2 if n < 20 else 1) for n in range(40)))
    accepted = {"rung_exact": {(f"s{n}", "plain", 0): 1.0 for n in range(40)}}
    gate = Report.of(now, now, accepted=accepted).gate
    assert gate.against == "the accepted run"
    assert {d.split(",")[0] for d in gate.drops} == {
        "exactly the labelled rung fell: −50.0 pt [−65.0 to −35.0]"
    }


def test_the_summary_says_what_the_run_was_held_against() -> None:
    now = run(*(talk(f"s{n}", 1, 1) for n in range(40)))
    accepted = {"rung_exact": {(f"s{n}", "plain", 0): 1.0 for n in range(40)}}
    assert summary(Report.of(now)).endswith("no earlier run beside it.")
    assert summary(Report.of(now, accepted=accepted)).endswith("no drop against the accepted run.")


# -- what is kept -----------------------------------------------------------------------------------------------


def kept_runs() -> tuple[Run, Run]:
    """Two runs in which a kept scenario fails, turns worse, and stands apart by a tag and a slot."""

    def of(rung: int, said: str) -> Run:
        kept = talk(
            "secret", 2, rung, said=said, told=(f"Noted: {said}",), kept=True, tags=("fisheries",), useless=1
        )
        kept = kept.model_copy(update={"readable": True, "told": {Slot.VOLUME: SECRET}})
        return run(
            kept, talk("open", 1, 2, said="words that may be read", tags=("legal",)), talk("fine", 1, 1)
        )

    return of(2, f"{SECRET}, before"), of(3, SECRET)


@pytest.mark.parametrize("form", ["console", "json", "markdown", "junit", "html"])
def test_no_form_quotes_a_kept_scenario_unless_told_to(form: str) -> None:
    before, now = kept_runs()
    hidden = every_form(Report.of(now, before), now)[form]
    assert "secret" in hidden
    for word in (SECRET, "Noted:", "fisheries", "Go to rung 3"):
        assert word not in hidden
    if form != "console":
        assert "words that may be read" in hidden
        assert SECRET in every_form(Report.of(now, before, reveal=True), now, reveal=True)[form]


def test_a_kept_case_holds_id_rungs_and_scores() -> None:
    kept = kept_runs()[1].talks[0]
    told = case(kept)
    assert (told.scenario, told.labelled, told.advised, told.scores["rung_exact"]) == ("secret", 2, 3, 0.0)
    assert (told.tags, told.reasons, told.headline, told.misread, told.exchanges) == ((), (), "", (), ())
    assert (told.stance, told.labelled_stance) == ("", "")


def test_the_example_is_never_a_kept_one() -> None:
    kept = talk("a", 1, 1, kept=True)
    assert Report.of(run(kept)).example is None
    found = Report.of(run(kept, talk("b", 1, 1))).example
    assert found and found.scenario == "b"


def test_kept_and_development_are_told_apart() -> None:
    shares = {s.name: s for s in Report.of(kept_runs()[1]).shares}
    found = {name: s.figure("rung_acceptable") for name, s in shares.items()}
    assert {name: (f.total, f.n) for name, f in found.items() if f} == {
        "all": (1, 3),
        "development": (1, 2),
        "kept": (0, 1),
    }


# -- forms ------------------------------------------------------------------------------------------------------


def hostile() -> Run:
    return run(talk("a", 1, 2, said=HOSTILE, told=(HOSTILE,), tags=("<b>tag</b>",)))


def test_the_same_run_gives_the_same_bytes() -> None:
    made, again = four(), Run.model_validate_json(four().as_json())
    assert every_form(Report.of(made, made), made) == every_form(Report.of(again, again), again)


def test_json_reads_back_as_the_same_report() -> None:
    before, now = kept_runs()
    report = Report.of(now, before, {"x": [0.5]})
    assert Report.model_validate(json.loads(report.as_json())) == report


def test_junit_has_a_case_for_each_talk_and_counts_them() -> None:
    root = ElementTree.fromstring(
        junit.xml(run(*four().talks, talk("e", None, 1)), {"a/plain/0": [0.25, 0.5]})
    )
    assert root.attrib == {}
    suites = {s.get("name"): s for s in root}
    assert {n: (s.get("tests"), s.get("failures"), s.get("skipped")) for n, s in suites.items()} == {
        "rung.plain": ("5", "1", "1"), "rung.hostile": ("2", "1", "0"),
    }  # fmt: skip
    for suite in root:
        assert next(child.tag for child in suite) == "properties"
        assert [child.tag for child in suite][-2:] == ["system-out", "system-err"]
        assert {
            "name",
            "timestamp",
            "hostname",
            "tests",
            "failures",
            "errors",
            "time",
            "id",
            "package",
        } <= set(suite.attrib)
        assert all(c.get("classname") == suite.get("name") for c in suite.iter("testcase"))
    assert suites["rung.plain"].find("testcase[@name='a']").get("time") == "0.750"  # type: ignore[union-attr]
    failure = suites["rung.plain"].find("testcase[@name='d']/failure")
    assert failure is not None and failure.get("type") == "over-climb"
    assert failure.get("message") == "over-climb, useless question: labelled 2, advised 4"
    assert "user> answer 6" in (failure.text or "")


def test_junit_holds_whatever_was_said() -> None:
    failure = ElementTree.fromstring(junit.xml(hostile())).find(".//failure")
    assert failure is not None and "<script>alert(1)</script>" in (failure.text or "")


@pytest.mark.parametrize("form", ["markdown", "junit", "html"])
def test_what_cannot_be_seen_is_made_visible(form: str) -> None:
    told = every_form(Report.of(hostile(), run(talk("a", 1, 1))), hostile())[form]
    assert "right to left" in told
    assert not [c for c in "\x00\x1b\ufffe\u202e" if c in told]


def test_markdown_fences_cannot_be_closed_from_within() -> None:
    told = markdown.markdown(Report.of(hostile(), run(talk("a", 1, 1))))
    fence = re.search(r"^(`{3,})text$", told, re.MULTILINE)
    assert fence and len(fence[1]) == 4
    assert told.count(f"\n{fence[1]}\n") == 1
    outside = re.sub(rf"{fence[1]}text.*?\n{fence[1]}\n", "", told, flags=re.DOTALL)
    assert "<script" not in outside


def test_the_page_holds_all_its_parts_and_escapes_what_was_said() -> None:
    told = page.html(Report.of(hostile(), run(talk("a", 1, 1))))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in told and "&lt;b&gt;tag&lt;/b&gt;" in told
    assert told.count("<script") == 1 and "<script src" not in told
    assert not re.search(r"""(?:src|href)=["'](?!#|data:,)""", told)
    assert (
        "url(" not in told
        and "@import" not in told
        and " style=" not in told
        and not re.search(r"\son\w+=", told)
    )
    assert "default-src &#39;none&#39;" in told


def test_the_page_stays_small_with_three_thousand_failing_talks() -> None:
    made = run(*(talk(f"s{n}", 1, 2, m, said="word " * 400) for n in range(300) for m in Manner))
    told = page.html(Report.of(made))
    assert len(told.encode()) < 2_000_000
    assert "more failing talks are left out" in told


def test_the_page_puts_flips_before_what_failed_already() -> None:
    now, before = run(talk("new", 1, 2), talk("old", 1, 2)), run(talk("new", 1, 1), talk("old", 1, 2))
    told = page.html(Report.of(now, before))
    assert told.index(">new</span>") < told.index(">old</span>")
    assert told.count('class="talk"') == 2


def test_a_run_alone_and_an_empty_one_can_be_told() -> None:
    for made in (run(talk("a", 1, None)), run(talk("a", None, 1)), run()):
        forms = every_form(Report.of(made), made)
        assert all(forms.values())


def test_the_console_says_the_verdict_first_and_last() -> None:
    lines = every_form(Report.of(four()), four())["console"].strip().splitlines()
    assert lines[0].startswith("Gate: closed")
    assert sum(line.startswith("Gate: closed") for line in lines) == 2


def test_brackets_in_what_is_told_are_no_markup() -> None:
    made = run(
        talk("a", 1, 2),
        baselines=(BaselineResult(name="[red]odd[/red]", told="", rungs={"a": 1}, questions=0),),
    )
    assert "[red]odd[/red]" in every_form(Report.of(made), made)["console"]


def test_progress_hands_everything_on_and_is_quiet_without_a_terminal() -> None:
    shown = io.StringIO()
    assert list(console.progress(iter("abc"), 3, Console(file=shown))) == ["a", "b", "c"]
    assert shown.getvalue() == ""
    assert list(console.progress(iter("abc"), 3, Console(file=shown, force_terminal=True))) == ["a", "b", "c"]
    assert "scenarios" in shown.getvalue()


# -- words ------------------------------------------------------------------------------------------------------


def test_every_scorer_has_its_words() -> None:
    assert list(MEASURES) == list(SCORERS)


@pytest.mark.parametrize(
    ("share", "told"),
    [(1.0, "100 %"), (0.0, "0 %"), (0.9999, "99.9 %"), (0.0001, "0.1 %"), (0.905, "90.5 %")],
)
def test_shares_are_never_rounded_to_all_or_none(share: float, told: str) -> None:
    assert percent(share) == told


def test_differences_say_which_way_is_better() -> None:
    right, over = MEASURES["rung_acceptable"], MEASURES["over_climb"]
    assert (right.moved(-0.0123), right.toward(-0.0123), over.toward(-0.01)) == ("−1.2 pt", "worse", "better")
    assert (right.moved(0.0), right.moved(-0.00001)) == ("0", "0")
