"""A workflow is judged as a naive reader would judge it: random graphs against matrices, each fault by its sentence."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.states import Activity, Outcome
from requests_app.workflows.check import OfficeFacts, Surroundings, check
from requests_app.workflows.definition import Definition, Move, Step, Target
from requests_app.workflows.parse import parse
from requests_app.workflows.path import Lack, Missing, Standing, misfits, missing_for, step_behind
from requests_app.workflows.problem import Problem, Wrong
from requests_app.workflows.said import SENTENCES, sentence

OFFICES = (
    OfficeFacts("permits", "permit"),
    OfficeFacts("plans", "review"),
    OfficeFacts("fire", "review"),
    OfficeFacts("old", "gone", is_open=False),
)
AROUND = Surroundings(OFFICES, frozenset({"work"}))
NAMES = {"en": "Name", "fr": "Nom"}


# --- Random graphs against a naive oracle ----------------------------------------------------------------------------


@st.composite
def graphs(draw: st.DrawFn) -> Definition:
    """A workflow of two to seven steps with moves at random, sound or not."""
    codes = [f"s{n}" for n in range(draw(st.integers(2, 7)))]
    steps = [
        Step(code, NAMES, office="permits", moves=tuple(draw(moves(codes, n)) for n in range(draw(st.integers(0, 3)))))
        for code in codes
    ]
    return Definition("random", NAMES, tuple(steps))


@st.composite
def moves(draw: st.DrawFn, codes: list[str], number: int) -> Move:
    where = draw(st.sampled_from([*codes, *codes, "", "joins"]))
    opens = tuple(draw(st.lists(st.sampled_from(codes), max_size=2, unique=True))) if draw(st.booleans()) else ()
    return Move(
        f"m{number}",
        NAMES,
        to=where if where in codes else "",
        outcome=Outcome.RESOLVED if where == "" else None,
        joins=where == "joins",
        opens=opens,
    )


def closure(pairs: set[tuple[str, str]], codes: list[str]) -> set[tuple[str, str]]:
    """Who reaches whom, itself included: Warshall's three loops."""
    reach = pairs | {(code, code) for code in codes}
    for middle, one, other in product(codes, codes, codes):
        if (one, middle) in reach and (middle, other) in reach:
            reach.add((one, other))
    return reach


def naive(definition: Definition) -> set[tuple[Wrong, str]]:
    """The faults of the graph, found the slow way: by the closure of its matrices."""
    codes = [step.code for step in definition.steps]
    each = [(step.code, move) for step in definition.steps for move in step.moves]
    goes = {(code, move.to) for code, move in each if move.to}
    opens = {(code, opened) for code, move in each for opened in move.opens}
    along, anywhere = closure(goes, codes), closure(goes | opens, codes)
    first = codes[0]
    own = {code for code in codes if (first, code) in along}
    roots = {opened for _code, opened in opens} - own
    inner = closure({(a, b) for a, b in goes if b not in own}, codes)
    side = {code for code in codes if code not in own and any((root, code) in inner for root in roots)}
    closing = {code for code, move in each if move.outcome}
    joining = {code for code, move in each if move.joins}
    found = {(Wrong.UNREACHABLE, code) for code in codes if (first, code) not in anywhere}
    found |= {(Wrong.DEAD_END, step.code) for step in definition.steps if not step.moves}
    lively = {step.code for step in definition.steps if step.moves}
    found |= {(Wrong.NO_WAY_OUT, c) for c in lively - side if not any((c, end) in along for end in closing)}
    found |= {(Wrong.NEVER_JOINS, c) for c in lively & side if not any((c, end) in along for end in joining)}
    found |= {(Wrong.NO_END, "")} if not closing else set()
    for code, move in each:
        found |= {(Wrong.BOTH_WAYS, code) for opened in move.opens if opened in own}
        found |= {(Wrong.CLOSES_IN_BRANCH, code)} if code in side and move.outcome else set()
        found |= {(Wrong.OPENS_IN_BRANCH, code)} if code in side and move.opens else set()
        found |= {(Wrong.LEAVES_BRANCH, code)} if code in side and move.to in own else set()
        found |= {(Wrong.JOINS_NOTHING, code)} if code not in side and move.joins else set()
        found |= {(Wrong.OPENS_AND_ENDS, code)} if move.opens and move.outcome else set()
        pairs = [definition.step(one) for one in move.opens]
        found |= {(Wrong.SAME_BRANCH_OFFICE, code)} if len([p for p in pairs if p]) > 1 else set()
    return found


@settings(max_examples=300, deadline=None)
@given(definition=graphs())
def test_random_graphs_are_judged_as_a_naive_reader_judges_them(definition: Definition) -> None:
    assert {(p.wrong, p.step) for p in check(definition, Surroundings(OFFICES))} == naive(definition)


@settings(max_examples=100, deadline=None)
@given(definition=graphs())
def test_every_fault_has_a_sentence(definition: Definition) -> None:
    for problem in check(definition, Surroundings(OFFICES)):
        assert "%(" not in sentence(problem)
        assert problem.step in sentence(problem)


# --- One fault after another, from text ------------------------------------------------------------------------------

SOUND = """
code = "permit"
names = { en = "Permit", fr = "Permis" }
[reasons]
incomplete = { en = "It is not complete", fr = "Le dossier est incomplet" }
[documents.plan]
names = { en = "Site plan", fr = "Plan de situation" }

[[step]]
code = "intake"
names = { en = "Intake", fr = "Accueil" }
office_kind = "permit"
target = { hours = 16 }
answers = ["work"]
documents = ["plan"]
  [[step.move]]
  code = "complete"
  names = { en = "It is complete", fr = "Le dossier est complet" }
  to = "decision"
  opens = ["plans", "fire"]
  [[step.move]]
  code = "refuse"
  names = { en = "Refuse", fr = "Refuser" }
  closes = "invalid"
  by = ["manager"]
  reasons = ["incomplete"]
  anyway = true
  tells = true

[[step]]
code = "plans"
names = { en = "Plans", fr = "Plans" }
office = "plans"
  [[step.move]]
  code = "good"
  names = { en = "Good", fr = "Bien" }
  joins = true

[[step]]
code = "fire"
names = { en = "Fire", fr = "Incendie" }
office = "fire"
target = { days = 10 }
  [[step.move]]
  code = "good"
  names = { en = "Good", fr = "Bien" }
  joins = true

[[step]]
code = "decision"
names = { en = "Decision", fr = "Décision" }
  [[step.move]]
  code = "issue"
  names = { en = "Issue", fr = "Délivrer" }
  closes = "resolved"
"""


def faults(text: str) -> list[Problem]:
    parsed = parse(text)
    return list(parsed.problems) or check(parsed.definition, AROUND) if parsed.definition else list(parsed.problems)


def test_a_sound_workflow_is_read_as_it_is_written() -> None:
    assert faults(SOUND) == []
    definition = parse(SOUND).definition
    assert definition is not None
    assert definition.side_steps == {"plans", "fire"}
    assert [step.code for step in definition.main_steps] == ["intake", "decision"]
    intake = definition.first
    assert (intake.target, intake.answers, intake.documents) == (Target(hours=16), ("work",), ("plan",))
    refuse = intake.move("refuse")
    assert refuse is not None
    assert (refuse.outcome, refuse.by, refuse.reasons, refuse.anyway) == (
        "invalid",
        ("manager",),
        ("incomplete",),
        True,
    )
    fire = definition.step("fire")
    assert fire is not None
    assert fire.target is not None
    assert fire.target.is_calendar


BROKEN = [
    ('closes = "resolved"', 'to = "nowhere"', Wrong.UNKNOWN_STEP, "decision", "issue", "nowhere"),
    ('to = "decision"', 'to = "intake"', Wrong.UNREACHABLE, "decision", "", ""),
    ('closes = "resolved"', 'to = "decision"', Wrong.NO_WAY_OUT, "decision", "", ""),
    ('office = "fire"', 'office = "mars"', Wrong.NO_OFFICE, "fire", "", "mars"),
    ('office = "fire"', 'office = "old"', Wrong.CLOSED_OFFICE, "fire", "", "old"),
    ('office_kind = "permit"', 'office_kind = "zoo"', Wrong.NO_OFFICE, "intake", "", "zoo"),
    ('office_kind = "permit"', 'office_kind = "permit"\noffice = "permits"', Wrong.TWO_OFFICES, "intake", "", ""),
    ('office = "fire"', "", Wrong.BRANCH_WITHOUT_OFFICE, "fire", "", ""),
    ('office = "fire"', 'office = "plans"', Wrong.SAME_BRANCH_OFFICE, "intake", "complete", "plans"),
    ("joins = true", 'to = "plans"', Wrong.NEVER_JOINS, "plans", "", ""),
    ("joins = true", 'to = "decision"', Wrong.LEAVES_BRANCH, "plans", "good", "decision"),
    ('closes = "resolved"', "joins = true", Wrong.JOINS_NOTHING, "decision", "issue", ""),
    (', fr = "Incendie"', "", Wrong.NO_NAME, "fire", "", "fr"),
    ('fr = "Délivrer"', 'fr = " "', Wrong.NO_NAME, "decision", "issue", "fr"),
    ('reasons = ["incomplete"]', 'reasons = ["late"]', Wrong.UNKNOWN_REASON, "intake", "refuse", "late"),
    ('documents = ["plan"]', 'documents = ["map"]', Wrong.UNKNOWN_DOCUMENT, "intake", "", "map"),
    ('answers = ["work"]', 'answers = ["age"]', Wrong.UNKNOWN_ANSWER, "intake", "", "age"),
    ('by = ["manager"]', 'by = ["mayor"]', Wrong.BAD_VALUE, "intake", "refuse", "manager"),
    ('closes = "invalid"', 'closes = "duplicate"', Wrong.BAD_VALUE, "intake", "refuse", "resolved"),
    ("anyway = true", 'anyway = "yes"', Wrong.WRONG_TYPE, "intake", "refuse", ""),
    ("target = { hours = 16 }", "target = { hours = 0 }", Wrong.BAD_TARGET, "intake", "", ""),
    ("target = { hours = 16 }", "target = { hours = 1, days = 1 }", Wrong.BAD_TARGET, "intake", "", ""),
    ('code = "fire"', 'code = "Fire Dept!"', Wrong.BAD_CODE, "Fire Dept!", "", "Fire Dept!"),
    ('code = "fire"', 'code = "plans"', Wrong.TWICE, "", "", "plans"),
    ("tells = true", "telling = true", Wrong.UNKNOWN_FIELD, "intake", "refuse", "telling"),
    ('to = "decision"', 'to = "decision"\ncloses = "resolved"', Wrong.WHERE_TO, "intake", "complete", ""),
    ('to = "decision"', 'to = "decision"\ntold = {}', Wrong.TOLD_NO_END, "intake", "complete", "told"),
    ('code = "permit"', 'code = permit"', Wrong.NOT_TOML, "", "", "line 2"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "wrong", "step", "move", "named"), BROKEN)
def test_each_fault_is_told_with_its_place(old: str, new: str, wrong: Wrong, step: str, move: str, named: str) -> None:
    assert old in SOUND
    found = [p for p in faults(SOUND.replace(old, new, 1)) if p.wrong is wrong]
    assert [(p.step, p.move) for p in found[:1]] == [(step, move)]
    told = sentence(found[0])
    assert all(word in told for word in (step, move, named))
    assert told.endswith((".", "”."))


def test_a_step_without_moves_is_a_dead_end() -> None:
    first = SOUND.index('  [[step.move]]\n  code = "issue"')
    (problem, *_more) = [p for p in faults(SOUND[:first]) if p.wrong is Wrong.DEAD_END]
    assert problem.step == "decision"
    assert "Add a move" in sentence(problem)


ODD = [
    *("", "a = 1", "step = 3", "step = [1]", "code = 3", "limit = 3", "x" * 200_000),
    *("reasons = 1\ndocuments = []", "[documents]\na = 1", "[[step]]\nmove = 2\nnames = 4\nanswers = 'x'\nby = 1"),
]


@pytest.mark.parametrize("text", ODD)
def test_no_text_makes_the_reader_fall(text: str) -> None:
    found = faults(text)
    assert found
    assert all(sentence(problem) for problem in found)


def test_every_kind_of_fault_has_words() -> None:
    assert set(SENTENCES) == set(Wrong)


# --- Where a case may go ---------------------------------------------------------------------------------------------


def test_what_keeps_a_move_from_being_made() -> None:
    definition = parse(SOUND).definition
    assert definition is not None
    intake, decision = definition.first, definition.steps[-1]
    complete, refuse = intake.moves
    assert missing_for(intake, complete, Standing()) == (Missing(Lack.ANSWER, "work"), Missing(Lack.DOCUMENT, "plan"))
    assert missing_for(intake, refuse, Standing()) == ()
    ready = Standing(frozenset({"work"}), frozenset({"plan"}), ("fire",))
    assert missing_for(intake, complete, ready) == (Missing(Lack.BRANCH, "fire"),)
    assert missing_for(decision, decision.moves[0], ready) == (Missing(Lack.BRANCH, "fire"),)
    assert missing_for(definition.steps[1], definition.steps[1].moves[0], ready, is_side=True) == ()


H, B, A = Activity.HANDED_OFF, Activity.BOUNCED, Activity.ADVANCED


@pytest.mark.parametrize(
    ("way", "behind"),
    [
        ([(Activity.SUBMITTED, "one")], ""),
        ([(Activity.SUBMITTED, "one"), (H, "two")], "one"),
        ([(Activity.SUBMITTED, "one"), (A, "two"), (H, "three")], "two"),
        ([(Activity.SUBMITTED, "one"), (H, "two"), (H, "three"), (B, "two")], "one"),
        ([(Activity.SUBMITTED, "one"), (H, ""), (A, "two")], "one"),
        ([(Activity.SUBMITTED, "one"), (B, ""), (H, "two"), (Activity.RECALLED, "one"), (H, "three")], "one"),
    ],
)
def test_the_step_behind_a_hand_off(way: list[tuple[Activity, str]], behind: str) -> None:
    assert step_behind([(*move, False) for move in way]) == behind


def test_whoever_gets_a_case_back_after_another_workflow_began_begins_that_one() -> None:
    """Handed off at `one` of the old workflow; there the service is changed, and the new workflow begins at `first`."""
    changed = [(Activity.SUBMITTED, "one", False), (H, "two", False), (Activity.RECATEGORIZED, "first", True)]
    assert step_behind(changed) == "first"
    assert step_behind([*changed, (H, "second", False)]) == "first"
    assert step_behind([*changed, (H, "second", False), (B, "first", False)]) == "first"


def test_what_does_not_fit_another_version() -> None:
    definition = parse(SOUND).definition
    assert definition is not None
    assert misfits(definition, "intake", ["plans"], ["plan"]) == ()
    found = misfits(definition, "payment", ["soil"], ["lease"])
    assert [(one.what, one.code) for one in found] == [("step", "payment"), ("branch", "soil"), ("document", "lease")]
    assert misfits(definition, "fire", [], [])[0].what == "step"
