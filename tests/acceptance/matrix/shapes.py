"""The forms of a graph: each a tree of parts, and how its source says it."""

from dataclasses import dataclass, replace

from tests.strategies import Body, Branches, Choice, Each, FlowTree, Line, Loop, Single, Together, lines_of

ONE: Body = (Single(),)
TWO: Body = (Single(), Single())


@dataclass(frozen=True)
class Shape:
    """A graph with its name. `arms`: a switch is written as if/else; `names`: steps that are called otherwise."""

    name: str
    body: Body
    arms: bool = False
    names: tuple[tuple[str, str], ...] = ()
    inherited: bool = False  # the first half of the steps stands in a base class

    @property
    def lines(self) -> list[Line]:
        """The steps in an order in which they can run."""
        called = dict(self.names)
        return [
            replace(
                line,
                name=called.get(line.name, line.name),
                next=tuple(called.get(target, target) for target in line.next),
                closes=called.get(line.closes, line.closes) if line.closes else None,
            )
            for line in lines_of(FlowTree(self.body))
        ]


SHAPES = (
    Shape("linear", TWO),
    Shape("single_step", (), names=(("end", "only"),)),
    Shape("branch", (Branches((ONE, ONE)),)),
    Shape("nested_branch", (Single(), Branches(((Branches((ONE, ONE)),), TWO)))),
    Shape("unequal_branches", (Branches((ONE, (*TWO, *ONE), TWO)), Single())),
    Shape("foreach", (Each(ONE, 3),)),
    Shape("nested_foreach", (Single(), Each((Each(ONE, 2), Single()), 2))),
    Shape("foreach_with_branch", (Each((Branches((ONE, TWO)),), 2),)),
    Shape("branch_with_foreach", (Branches(((Each(ONE, 2),), ONE)), Single())),
    Shape("foreach_over_nothing", (Each(TWO, 0), Single())),
    Shape("nothing_in_foreach", (Each((Each(ONE, 0), Single()), 2),)),
    Shape("switch", (Choice((ONE, TWO, ONE), 1), Single())),
    Shape("if_else", (Single(), Choice((ONE, TWO), 0), Single()), arms=True),
    Shape("switch_in_switch", (Choice(((Choice((ONE, ()), 1), Single()), ONE), 0),)),
    Shape("switch_past_its_case", (Single(), Choice((ONE, ()), 1), Single())),
    Shape("switch_to_join_in_foreach", (Each((Choice((ONE, ()), 0),), 3),)),
    Shape("switch_to_join_in_branch", (Branches(((Choice((ONE, ()), 1),), ONE)),), arms=True),
    Shape("branch_in_switch", (Choice(((Branches((ONE, ONE)),), ONE), 0), Single())),
    Shape("self_recursion", (Loop((), 2), Single())),
    Shape("loop_over_steps", (Loop(TWO, 2),)),
    Shape("if_else_loop", (Single(), Loop(ONE, 1), Single()), arms=True),
    Shape("loop_in_foreach", (Each((Loop(ONE, 1),), 2),)),
    Shape("foreach_in_loop", (Loop((Each(ONE, 2),), 1),)),
    Shape("switch_in_loop", (Loop((Choice((ONE, TWO), 0),), 1),)),
    Shape("foreach_in_switch", (Choice(((Each(ONE, 2),), ONE), 0),)),
    Shape("gang_in_loop", (Loop((Together(2),), 1),)),
    Shape("gang", (Together(3), Single())),
    Shape("gang_in_foreach", (Each((Together(2),), 2),)),
    Shape("gang_in_branch", (Branches(((Together(2),), ONE)),)),
    Shape("marked_names", (Branches((ONE, ONE)),), names=(("start", "opening"), ("end", "closing"))),
    Shape("inherited", (Each(ONE, 2), Single()), inherited=True),
)
