"""The suite: people who talk in their manner, scores, figures and the gate; and the fast slice of the suite itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.advisor import Advisor
from agent.bootstrap import Shelf
from agent.cli import cli
from agent.facts import Facts, Slot
from agent.sessions import Sessions
from agent.settings import Settings
from evals import gate, suite
from evals import run as runs
from evals.baselines.rules import always_one, keywords
from evals.figures import difference, figure, mcnemar, paired, wilson
from evals.manners import SCRIPTED, Manner, Script
from evals.scenario import DECLINED, FOLDER, Expected, Meaning, Scenario, scenarios
from evals.scorers import SCORERS, citations_valid, loss, mistakes, over_climb, read_precision, read_recall
from evals.simulated_user import Advice, Exchange, Talk, could_matter, expected, talk

CASE = Scenario(
    id="case",
    opening="We sort letters.",
    answers={Slot.KNOWLEDGE: "no, the letter has it all", Slot.PROMPTING: "one line"},
    means=Meaning(
        opening={},
        answers={Slot.KNOWLEDGE: {Slot.KNOWLEDGE: "none"}, Slot.PROMPTING: {Slot.PROMPTING: "basic"}},
    ),
    expect=Expected(rung=1, stance="climb", mistakes=[]),
)


def made(
    rung: int = 1, *, wanted: int = 1, scenario: str = "a", manner: Manner = Manner.PLAIN, **more: object
) -> Talk:
    advice = Advice(
        rung=rung, stance="climb", line="basic_prompt", mistakes=(), assumptions=(), headline="", sentences=4, uncited=0,
        citations=3, dangling=0, sources=("guide",),
    )  # fmt: skip
    fields: dict[str, object] = {
        "scenario": scenario,
        "manner": manner,
        "exchanges": (Exchange(said="hi", asked="knowledge"), Exchange(said="no")),
        "advice": advice,
        "expected": Expected(rung=wanted, stance="climb", mistakes=[]),
    }
    return Talk.model_validate({**fields, **more})


# -- manners ----------------------------------------------------------------------------------------------------------


def test_the_same_seed_says_the_same_and_another_says_it_otherwise() -> None:
    said = {seed: Script(CASE, Manner.RAMBLING, seed).answer(Slot.KNOWLEDGE).text for seed in (0, 0, 1, 2, 3)}
    assert said[0] == Script(CASE, Manner.RAMBLING, 0).answer(Slot.KNOWLEDGE).text
    assert len(set(said.values())) > 1


def test_plain_says_it_another_way_when_asked_again_and_stubborn_does_not() -> None:
    plain, stubborn = Script(CASE, Manner.PLAIN), Script(CASE, Manner.STUBBORN)
    assert plain.answer(Slot.KNOWLEDGE).text == CASE.answers[Slot.KNOWLEDGE]
    assert plain.answer(Slot.KNOWLEDGE).text != CASE.answers[Slot.KNOWLEDGE]
    assert {stubborn.answer(Slot.KNOWLEDGE).text for _ in range(3)} == {CASE.answers[Slot.KNOWLEDGE]}


@pytest.mark.parametrize(
    "manner", [Manner.RAMBLING, Manner.CORRECTS, Manner.HOSTILE, Manner.OFF_TOPIC, Manner.ASKS_BACK]
)
def test_every_other_manner_tells_the_same_in_the_end(manner: Manner) -> None:
    script = Script(CASE, manner)
    told: dict[Slot, object] = {}
    for slot in (Slot.KNOWLEDGE, Slot.KNOWLEDGE, Slot.PROMPTING, Slot.PROMPTING):
        told |= script.answer(slot).states
    assert told == {Slot.KNOWLEDGE: "none", Slot.PROMPTING: "basic"}


def test_who_contradicts_himself_says_it_wrongly_first_and_rightly_at_the_next_turn() -> None:
    script = Script(CASE, Manner.CONTRADICTS)
    assert script.answer(Slot.KNOWLEDGE).states[Slot.KNOWLEDGE] != "none"
    line = script.answer(Slot.PROMPTING)
    assert line.states == {Slot.KNOWLEDGE: "none", Slot.PROMPTING: "basic"}
    assert script.last_word() is None


def test_what_was_never_set_right_is_set_right_after_the_advice() -> None:
    script = Script(CASE, Manner.CONTRADICTS)
    script.answer(Slot.KNOWLEDGE)
    word = script.last_word()
    assert word is not None and word.states == {Slot.KNOWLEDGE: "none"}
    assert script.last_word() is None


def test_who_knows_nothing_gets_what_the_rubric_gives_to_what_was_told() -> None:
    assert expected(CASE, Manner.DONT_KNOW, {Slot.PROMPTING: "none", Slot.KNOWLEDGE: DECLINED}) == Expected(
        rung=1, stance="start", mistakes=[]
    )
    assert expected(CASE.model_copy(update={"means": None}), Manner.DONT_KNOW, {}) is None
    assert expected(CASE, Manner.PLAIN, {}) is CASE.expect


# -- scores and figures -----------------------------------------------------------------------------------------------


def test_scores() -> None:
    assert over_climb(made(4, wanted=2)).value == 1 and loss(made(4, wanted=2)).value == 5
    assert over_climb(made(4, wanted=4)).value == 0 and loss(made(2, wanted=1)).value == 1
    assert loss(made(1)).value == 0
    wrong = made(wanted=1, expected=Expected(rung=1, mistakes=["behaviour_still_changing"]))
    assert mistakes(wrong).value == 0 and "behaviour_still_changing" in mistakes(wrong).explanation
    assert mistakes(made(expected=Expected(rung=1))).value is None  # not judged is not nought


def test_an_advice_without_citations_is_not_validly_cited() -> None:
    bare = made()
    assert bare.advice is not None
    assert citations_valid(made(advice=bare.advice.model_copy(update={"citations": 0}))).value == 0
    assert citations_valid(made(advice=None)).value is None


def test_reading_is_scored_by_slot() -> None:
    read = made(
        readable=True,
        told={"knowledge": "none", "volume": 300, "success": DECLINED},
        known={"knowledge": "none", "volume": [3000, 3000]},
    )
    assert read_precision(read).value == 0.5 and "volume" in read_precision(read).explanation
    assert read_recall(read).value == 0.5
    assert read_recall(made(told={"knowledge": "none"})).value is None  # unlabelled


def test_wilson_is_the_textbook_interval() -> None:
    low, high = wilson(8, 10)
    assert low == pytest.approx(0.4902, abs=1e-4) and high == pytest.approx(
        0.9433, abs=1e-4
    )  # Wilson 1927, by hand
    assert wilson(0, 0) == (0.0, 1.0)


def test_mcnemar_is_the_exact_binomial() -> None:
    assert mcnemar(0, 5) == pytest.approx(2 * 0.5**5)
    assert mcnemar(3, 3) == 1.0 and mcnemar(0, 0) == 1.0


def test_a_figure_resamples_scenarios_not_talks() -> None:
    """Ten manners of one scenario are one piece of evidence: the interval stays as wide as for two scenarios."""
    talks = [made(1, scenario="a", manner=m) for m in SCRIPTED] + [
        made(2, scenario="b", manner=m) for m in SCRIPTED
    ]
    found = figure("rung_exact", talks)
    assert found is not None and (found.value, found.low, found.high, found.scenarios) == (0.5, 0.0, 1.0, 2)


def test_a_difference_is_paired() -> None:
    before = [made(1, scenario=str(i)) for i in range(20)]
    now = [made(2 if i < 10 else 1, scenario=str(i)) for i in range(20)]
    found = difference("rung_exact", before, now)
    assert (
        found is not None
        and found.difference == -0.5
        and found.certain
        and found.p == pytest.approx(2 * 0.5**10, abs=1e-4)
    )
    assert difference("rung_exact", before, [made(scenario="other")]) is None


def test_pass_k_wants_all_repeats_right() -> None:
    talks = [made(1, seed=0), made(2, seed=1), made(1, seed=0, scenario="b"), made(1, seed=1, scenario="b")]
    assert runs.pass_k(talks, 1) == 1.0 and runs.pass_k(talks, 2) == 0.5


# -- the gate ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("talk", "what"),
    [
        (made(advice=None), "ended without advice"),
        (made(4, wanted=1), "without warrant"),
        (made(exchanges=(Exchange(said="hi", asked="volume", useless=True),)), "could not matter"),
        (made(2, tags=("must-pass",)), "must-pass"),
    ],
)
def test_the_gate_names_what_is_broken(talk: Talk, what: str) -> None:
    found = gate.broken([made(), talk])
    assert [what in b.what for b in found] == [True] and talk.scenario in str(found[0])


def test_the_gate_sees_bare_sentences_and_dangling_citations() -> None:
    advice = made().advice
    assert advice is not None
    bad = [
        made(advice=advice.model_copy(update={"uncited": 1})),
        made(advice=advice.model_copy(update={"dangling": 1})),
    ]
    assert [b.what for b in gate.broken(bad)] == [
        "a sentence without a citation",
        "a citation that does not resolve",
    ]


def test_a_certain_drop_closes_the_gate_and_a_single_flip_does_not(tmp_path: Path) -> None:
    before = [made(1, scenario=str(i)) for i in range(40)]
    gate.accept(before, tmp_path / "baseline.json")
    held = gate.accepted(tmp_path / "baseline.json")
    assert gate.drops(before, held) == []
    assert gate.drops([made(2 if i < 1 else 1, scenario=str(i)) for i in range(40)], held) == []
    fell = gate.drops([made(2 if i < 12 else 1, scenario=str(i)) for i in range(40)], held)
    assert {"rung_exact", "rung_acceptable"} <= {d.name for d in fell}
    assert paired("rung_exact", {}, held["rung_exact"]) is None


# -- the suite --------------------------------------------------------------------------------------------------------


def test_a_question_matters_when_some_way_on_makes_its_answer_tell() -> None:
    known = Facts.of(knowledge="none", prompting="few_shot", shortfall="cost_latency", volume=20)
    assert not could_matter(known, Slot.STABILITY)  # a low volume has closed the way already
    assert could_matter(known.forget(Slot.VOLUME), Slot.STABILITY)
    assert not could_matter(Facts.of(knowledge="none"), Slot.RETRIEVAL)
    assert could_matter(Facts(), Slot.KNOWLEDGE)


MUST_PASS = [s for s in scenarios() if gate.MUST_PASS in s.tags]


@pytest.mark.parametrize("scenario", MUST_PASS, ids=lambda s: s.id)
def test_what_must_never_break(advisor: Advisor, scenario: Scenario) -> None:
    done = talk(advisor, scenario).talk
    assert gate.broken([done]) == []
    assert len(done.asked) <= 8


def test_simpler_ways_read_the_opening_alone() -> None:
    pdfs = next(s for s in MUST_PASS if s.id == "worked-policy-pdfs")
    assert keywords(pdfs) == 3 and always_one(pdfs) == 1


def test_what_the_suite_remembers_and_foresees_changes_no_talk(
    shelf: Shelf, sessions: Sessions, data_dir: Path
) -> None:
    told = scenarios(FOLDER / "worked_cases.yaml")[2:4]
    advisor = Advisor(lambda: shelf.reader, shelf, sessions, today=lambda: suite.DAY)
    without = [talk(advisor, s, m).talk for s in told for m in SCRIPTED]
    settings = Settings(data_dir, "sqlite://")
    assert [t.talk for one in suite.run(told, workers=1, settings=settings) for t in one.talks] == without


def test_the_command_runs_any_file_and_says_the_same_bytes_twice(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        '- id: mine\n  opening: "We have 4,000 policy PDFs that people ask about. Nothing built."\n'
        '  answers: {knowledge: "4,000 PDFs", retrieval: "nothing yet"}\n  expect: {rung: 3}\n  tags: [own]\n'
    )
    files = []
    for folder in ("one", "two"):
        done = CliRunner().invoke(
            cli, ["eval", "--scenarios", str(mine), "--workers", "1", "--repeat", "2", "--format", "json", "--output", str(tmp_path / folder)],
            catch_exceptions=False,
        )  # fmt: skip
        assert done.exit_code == 0, done.output
        files.append(
            {
                p.name: p.read_bytes()
                for p in (tmp_path / folder).iterdir()
                if p.name not in ("seconds.json", "junit.xml", "report.html", "report.md", "report.json")
            }
        )
    assert files[0] == files[1]
    found = runs.read(tmp_path / "one")
    assert {t.scenario for t in found.talks} == {"mine"} and len(found.talks) == 2 * len(SCRIPTED)
    assert all(
        t.advice and t.advice.rung == 3 for t in found.talks if t.manner in (Manner.PLAIN, Manner.STUBBORN)
    )
    compared = CliRunner().invoke(
        cli, ["eval", "--scenarios", str(mine), "--workers", "1", "--manner", "plain", "--compare", str(tmp_path / "one"), "--output", str(tmp_path / "three")],
        catch_exceptions=False,
    )  # fmt: skip
    assert compared.exit_code == 0 and "Gate" in compared.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tag", "no-such-tag"], "No scenario has the tag no-such-tag"),
        (["--compare", "/nowhere"], "There is no run at"),
        (["--scenarios", "/nowhere.yaml"], "cannot be read"),
    ],
)
def test_the_command_tells_what_is_wrong(arguments: list[str], said: str) -> None:
    from agent.errors import BadInput

    with pytest.raises(BadInput, match=said):
        CliRunner().invoke(cli, ["eval", *arguments], catch_exceptions=False)


def test_kept_scenarios_that_were_edited_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from agent.errors import BadInput
    from evals import scenario

    for file in FOLDER.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "kept.yaml").open("a") as kept:
        kept.write("\n# a look\n")
    monkeypatch.setattr(scenario, "FOLDER", tmp_path)
    monkeypatch.setattr(scenario, "KEPT_HASH", tmp_path / "kept.sha256")
    with pytest.raises(BadInput, match="must not be edited"):
        scenario.scenarios(tmp_path)


def test_every_scorer_says_something_of_any_talk() -> None:
    for name, scorer in SCORERS.items():
        for one in (made(), made(advice=None), made(expected=None)):
            score = scorer(one)
            assert score.value is None or score.value == score.value, name
    assert json.loads(made().model_dump_json())["scenario"] == "a"
