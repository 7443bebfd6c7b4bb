"""Behaviours about what can be seen of a run: its tags, its output, its values and its graph on the command line."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from flagstone import Flow, Run, get_namespace, namespace
from flagstone.exception import MetaflowNamespaceMismatch
from flagstone.model.plan import Transition
from tests.acceptance.household import Household
from tests.acceptance.matrix.behaviour import Behaviour
from tests.acceptance.matrix.doors import Ask, Door
from tests.acceptance.matrix.writing import FLOW
from tests.strategies import Line

TYPES = {
    Transition.SPLIT: "split-static",
    Transition.FOREACH: "split-foreach",
    Transition.PARALLEL: "split-parallel",
    Transition.SWITCH: "split-switch",
    Transition.END: "end",
    Transition.LINEAR: "linear",
}


class TagsFindTheRun(Behaviour):
    """Tags of the run are tags of its tasks; a namespace shows its own runs and no others."""

    name = "tags"
    processes = True
    ask = Ask(tags=("cell", "two words"))

    def act(self, house: Household, door: Door) -> None:
        door.run(self.ask)
        house.flagstone("tag", "add", f"{FLOW}/1", "later")

    def check(self, run: Run, came: Any) -> None:
        tags = {"cell", "two words", "later"}
        assert run.user_tags == tags
        assert all(tags <= set(task.tags) for step in run for task in step)
        before = get_namespace()
        for name in ("later", "user:tester"):
            namespace(name)
            assert [one.id for one in Flow(FLOW)] == ["1"]
        namespace("user:other")
        with pytest.raises(MetaflowNamespaceMismatch):
            Flow(FLOW)
        namespace(before)
        assert [one.id for one in Flow(FLOW).runs("two words")] == ["1"]
        assert list(Flow(FLOW).runs("three words")) == []


class OutputBelongsToItsTask(Behaviour):
    """Both streams of every task, from the client and from `logs`."""

    name = "logs"
    processes = True

    def then(self, line: Line) -> Sequence[str]:
        return ["print('says', self.place)", "print('warns', self.place, file=sys.stderr)"]

    def act(self, house: Household, door: Door) -> list[str]:
        door.run(self.ask)
        return house.flagstone("logs", f"{FLOW}/1", "--stdout").out.splitlines()

    def check(self, run: Run, came: list[str]) -> None:
        for step in run:
            for task in step:
                assert (task.stdout, task.stderr) == (f"says {task.data.place}\n", f"warns {task.data.place}\n")
        said = Counter(line.partition("says ")[2] for line in came)
        assert said == Counter(task.place for task in self.story.tasks)


class ValuesAndGraphAreShown(Behaviour):
    """`dump --json` has every value of every task; `show --json` has the graph as it was written."""

    name = "shown"
    processes = True

    def act(self, house: Household, door: Door) -> tuple[Any, Any]:
        door.run(self.ask)
        dumped = house.flagstone("dump", f"{FLOW}/1", "--json", "--max-value-size", 100_000).out
        return json.loads(dumped), json.loads(house.run("flow.py", "show", "--json").out)

    def check(self, run: Run, came: tuple[Any, Any]) -> None:
        dumped, graph = came
        said = Counter((one["task"].split("/")[2], one["name"], _text(one)) for one in dumped)
        assert said == Counter(
            (task.step, name, repr(value)) for task in self.story.tasks for name, value in task.has.items()
        )
        assert set(graph["steps"]) == {line.name for line in self.lines}
        assert (graph["start_step"], graph["end_step"]) == (self.lines[0].name, self.lines[-1].name)
        for line in self.lines:
            shown = graph["steps"][line.name]
            assert shown["next"] == list(line.next)
            assert shown["matching_split"] == line.closes
            first = line == self.lines[0] and line.transition is Transition.LINEAR
            assert shown["type"] == ("join" if line.closes else "start" if first else TYPES[line.transition])


def _text(shown: dict[str, Any]) -> str:
    """A value as Python writes it: JSON has it as it is where JSON can."""
    return repr(shown["value"]) if "value" in shown else str(shown["repr"])
