"""Every shape with every behaviour goes as its story says."""

import importlib.util
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from flagstone import Flow, Run, Task, metadata, namespace
from flagstone.dsl.flow import FlowSpec
from flagstone.testing import run_flow
from tests.acceptance.household import Household
from tests.acceptance.matrix import again, failing, looking, values
from tests.acceptance.matrix.behaviour import Behaviour
from tests.acceptance.matrix.doors import DOORS
from tests.acceptance.matrix.shapes import SHAPES
from tests.acceptance.matrix.writing import FLOW, source_of

KINDS: tuple[type[Behaviour], ...] = (
    values.ArtifactsKeepValueAndType,
    values.JoinsMerge,
    values.ParametersAreSeenEverywhere,
    values.ConfigsReachEverything,
    values.TheEnvironmentIsTheSteps,
    values.OwnDecoratorsSurroundSteps,
    failing.EveryStepIsTriedAgain,
    failing.EveryStepIsTriedAgainByRequest,
    failing.WhatRaisesIsCaught,
    failing.WhatHangsIsEnded,
    looking.TagsFindTheRun,
    looking.OutputBelongsToItsTask,
    looking.ValuesAndGraphAreShown,
    *again.RESUMES,
    again.ResumesFromAStep,
    again.ResumesWithAnotherParameter,
    again.EachKindOfStepSpins,
)
CELLS = {f"{kind.name}-{shape.name}": kind(shape) for kind in KINDS for shape in SHAPES if kind(shape).fits}
IN_MEMORY = [name for name, cell in CELLS.items() if not cell.processes]
ALL = os.environ.get("MATRIX") == "all"


def _by_door() -> Iterator[tuple[str, str]]:
    """Each behaviour with every second or third shape, by the one door and the other in turn; or all, if asked for."""
    for place, kind in enumerate(KINDS):
        fitting = [f"{kind.name}-{shape.name}" for shape in SHAPES if f"{kind.name}-{shape.name}" in CELLS]
        every = 2 if kind.processes else 3
        for count, cell in enumerate(fitting if ALL else fitting[place % every :: every]):
            for door in DOORS if ALL else [sorted(DOORS)[(count + place) % 2]]:
                yield cell, door


BY_DOOR = [f"{cell}-{door}" for cell, door in _by_door()]


@pytest.mark.parametrize("cell", IN_MEMORY)
def test_a_cell_in_memory_goes_as_its_story_says(cell: str, tmp_path: Path) -> None:
    flow = _flow_of(CELLS[cell], tmp_path)
    ask = CELLS[cell].ask

    run = run_flow(
        flow, **ask.parameters, **({"config_value": ask.configs} if ask.configs else {}), decospecs=list(ask.decorators)
    )

    _assert_story(CELLS[cell], run)
    CELLS[cell].check(run, None)


@pytest.mark.parametrize("cell", BY_DOOR)
def test_a_cell_goes_as_its_story_says(cell: str, runs: "Runs") -> None:
    house, came = runs[cell]

    metadata(str(house.home))
    namespace(None)
    behaviour = CELLS[cell.rpartition("-")[0]]
    run = Flow(FLOW).latest_run

    assert run is not None
    _assert_story(behaviour, run)
    behaviour.check(run, came)


def test_every_behaviour_meets_every_kind_of_step_and_there_are_two_hundred_flows() -> None:
    for kind in KINDS:
        met = {each for name, _ in _by_door() if name.startswith(f"{kind.name}-") for each in CELLS[name].kinds()}
        assert kind in again.RESUMES or met == {"split", "body", "join", "switch", "gang", "end"}, kind.name
    assert len({name for name, _ in _by_door()}) >= 200
    assert len(SHAPES) >= 15


# --- running and reading ---------------------------------------------------------------------------------------------


class Runs:
    """The cells that were asked for, each in a home of its own, two at a time, while the first are being read."""

    def __init__(self, folder: Path, cells: list[str]) -> None:
        self._folder = folder
        self._pool = ThreadPoolExecutor(2)
        self._running = {cell: self._pool.submit(self._run, cell) for cell in cells}

    def __getitem__(self, cell: str) -> tuple[Household, Any]:
        """Its home, and what its behaviour brought back. Raises what running it raised."""
        return self._running.pop(cell).result()

    def close(self) -> None:
        """Start no more."""
        self._pool.shutdown(cancel_futures=True)

    def _run(self, name: str) -> tuple[Household, Any]:
        place = self._folder / name
        place.mkdir()
        house = Household(place)
        cell, _, door = name.rpartition("-")
        behaviour = CELLS[cell]
        (house.work / "flow.py").write_text(source_of(behaviour.shape, behaviour), "utf-8")
        return house, behaviour.act(house, DOORS[door](house))


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """What of this module was chosen, running."""
    chosen = [getattr(item, "callspec", None) for item in request.session.items if item.path == request.path]
    cells = [spec.params["cell"] for spec in chosen if spec is not None and spec.params["cell"] in BY_DOOR]
    running = Runs(tmp_path_factory.mktemp("matrix"), cells)
    yield running
    running.close()


def _flow_of(cell: Behaviour, folder: Path) -> type[FlowSpec]:
    """The class in a file of its own."""
    file = folder / "flow.py"
    file.write_text(source_of(cell.shape, cell), "utf-8")
    spec = importlib.util.spec_from_file_location("matrix_flow", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    found: type[FlowSpec] = getattr(module, FLOW)
    return found


def _assert_story(cell: Behaviour, run: Run) -> None:
    """The run has the tasks of the story, and each has what it must: these artifacts, of these types, and no others."""
    assert run.successful
    assert {step.id for step in run} == {task.step for task in cell.story.tasks}
    for step in run:
        expected = {repr(task.has["trail"]): task.has for task in cell.story.of(step.id)}
        found = {repr(task["trail"].data): _values(task, cell) for task in step}
        assert len(list(step)) == len(cell.story.of(step.id)), step
        assert found == expected
        for task in step:
            assert task.path == tuple(index for index, _, _ in task["at"].data)
        for trail, has in expected.items():
            for name, value in has.items():
                assert isinstance(value, failing.Caught) or type(found[trail][name]) is type(value), (step, name)


def _values(task: Task, cell: Behaviour) -> dict[str, Any]:
    return {artifact.id: artifact.data for artifact in task if artifact.id not in cell.beside}
