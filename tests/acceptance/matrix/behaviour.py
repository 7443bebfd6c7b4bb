"""What a behaviour is: what it puts into every step, what that does to the story, and what else must then hold."""

from collections.abc import Sequence
from typing import Any, ClassVar

from flagstone import Run
from flagstone.model.plan import Transition
from tests.acceptance.household import Household
from tests.acceptance.matrix.doors import Ask, Door
from tests.acceptance.matrix.shapes import Shape
from tests.acceptance.matrix.story import SPREADING, Played, Story
from tests.strategies import Line


class Behaviour:
    """Does nothing; each kind says what it does otherwise."""

    name: ClassVar[str]
    processes: ClassVar[bool] = False  # whether it needs a home, and processes of its own
    head: ClassVar[str] = ""
    attributes: ClassVar[Sequence[str]] = ()
    ask: ClassVar[Ask] = Ask()
    beside: ClassVar[frozenset[str]] = frozenset()  # what every task has besides its artifacts

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.lines = shape.lines
        self.story = Story(self.lines, self.effect)

    @property
    def fits(self) -> bool:
        """Whether the shape has what it needs."""
        return True

    def decorators(self, line: Line) -> Sequence[str]:
        """What stands above a step."""
        return ()

    def first(self, line: Line) -> Sequence[str]:
        """What a step does as soon as it has said where it is."""
        return ()

    def then(self, line: Line) -> Sequence[str]:
        """What a step does before it goes on."""
        return ()

    def effect(self, task: Played) -> None:
        """What that does to what a task has."""

    def act(self, house: Household, door: Door) -> Any:
        """Run it; what is returned comes to `check`."""
        door.run(self.ask)

    def check(self, run: Run, came: Any) -> None:
        """What must hold besides the story."""

    # --- the steps of each kind ----------------------------------------------------------------------------------

    def kinds(self) -> dict[str, Line]:
        """For each kind of step that the shape has and that runs, one of them."""
        found: dict[str, Line] = {}
        for line in self.lines:
            if self.story.of(line.name):
                found[kind_of(line)] = line
        return found


def kind_of(line: Line) -> str:
    """The kind of a step."""
    if line.closes:
        return "join"
    if line.gang:
        return "gang"
    if line.transition in SPREADING:
        return "split"
    return {Transition.SWITCH: "switch", Transition.END: "end"}.get(line.transition, "body")
