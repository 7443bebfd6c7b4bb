"""Reading random flows: what is well-formed is read as it was meant, what is damaged is accepted or refused."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.reading import read_plan
from flagstone.model.errors import InvalidGraph
from flagstone.model.plan import Plan, Transition
from tests.strategies import FlowTree, Line, flows, lines_of, plan_of, source_of


def read_text(folder: Path, text: str) -> Plan:
    """The plan of a flow given as text, without `PREAMBLE`."""
    path = folder / "random_flow.py"
    path.write_text(text)
    namespace: dict[str, type[FlowSpec]] = {"__name__": "random_flow"}  # type: ignore[dict-item]  # the rest is flows
    exec(compile(text, str(path), "exec"), namespace)
    return read_plan(namespace["RandomFlow"])


def without_places(plan: Plan) -> list[tuple[object, ...]]:
    """What two plans of one flow have in common wherever they were written."""
    return [(s.name, s.transition, s.next, s.joins, s.foreach) for s in plan.steps]


@given(tree=flows())
def test_every_well_formed_flow_is_read_as_it_was_meant(
    tmp_path_factory: pytest.TempPathFactory, tree: FlowTree
) -> None:
    folder = tmp_path_factory.getbasetemp()

    plan = read_text(folder, source_of(lines_of(tree)))

    meant = plan_of(tree)
    assert without_places(plan) == without_places(meant)
    assert plan.matching_split == meant.matching_split


@given(tree=flows(), seed=st.integers(0, 2**32))
def test_the_order_of_definition_changes_nothing_but_ties(
    tmp_path_factory: pytest.TempPathFactory, tree: FlowTree, seed: int
) -> None:
    lines = lines_of(tree)
    Random(seed).shuffle(lines)

    plan = read_text(tmp_path_factory.getbasetemp(), source_of(lines))

    assert sorted(without_places(plan), key=repr) == sorted(without_places(plan_of(tree)), key=repr)
    assert plan.matching_split == plan_of(tree).matching_split
    assert (plan.steps[0].name, plan.steps[-1].name) == ("start", "end")
    place = {step.name: number for number, step in enumerate(plan.steps)}
    assert all(place[step.name] < place[target] for step in plan.steps for target in step.next)


@given(tree=flows(), data=st.data())
def test_a_damaged_flow_is_accepted_or_refused_and_never_crashes_the_reader(
    tmp_path_factory: pytest.TempPathFactory, tree: FlowTree, data: st.DataObject
) -> None:
    lines = lines_of(tree)
    for _ in range(data.draw(st.integers(1, 2))):
        place = data.draw(st.integers(0, len(lines) - 1))
        lines[place] = data.draw(damaged(lines[place], [line.name for line in lines]))

    outcome: Plan | InvalidGraph
    try:
        outcome = read_text(tmp_path_factory.getbasetemp(), source_of(lines))
    except InvalidGraph as error:
        outcome = error

    if isinstance(outcome, InvalidGraph):
        assert outcome.where is not None
        assert outcome.hint
    else:
        assert set(outcome.matching_split) == {step.name for step in outcome.steps if step.joins}
        assert {outcome.step(split).splits for split in outcome.matching_split.values()} <= {True}


@st.composite
def damaged(draw: st.DrawFn, line: Line, names: list[str]) -> Line:
    """The same step with an edge less, one more, or another; or with `inputs` where there were none, and back."""
    others = st.sampled_from([*names, "nowhere"])
    targets = list(line.next)
    kind = draw(st.sampled_from(["drop", "add", "turn", "join"]))
    if kind == "drop" and targets:
        del targets[draw(st.integers(0, len(targets) - 1))]
    elif kind == "add":
        targets.append(draw(others))
    elif kind == "turn" and targets:
        targets[draw(st.integers(0, len(targets) - 1))] = draw(others)
    elif kind == "join":
        return Line(line.name, line.transition, line.next, None if line.closes else "start", line.width)
    transition = line.transition
    if transition is not Transition.FOREACH:
        transition = Transition.SPLIT if len(targets) > 1 else Transition.LINEAR
    return Line(line.name, transition, tuple(targets), line.closes, line.width)
