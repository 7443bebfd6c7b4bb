"""Random well-formed flows, for everything that reads, runs or draws graphs.

A flow is a small tree: a sequence of single steps, splits with their branches, and foreach with their body. `flows()`
draws one; `source_of` writes it as a flow class, `plan_of` as a plan, without any source, in the order of definition.

    @given(tree=flows())
    def test_something(tree: FlowTree) -> None:
        plan = plan_of(tree)

Every split has a join of its own, so any tree is valid. Names are given from left to right: `start`, `s1`, `s2`, ...,
`end`; the join of the split in `s1` is called `s1_join`, and the first step is always `start`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from flagstone.model.declarations import Parallel
from flagstone.model.errors import Location
from flagstone.model.plan import Case, Plan, Step, Transition


@dataclass(frozen=True)
class Single:
    """One linear step."""


@dataclass(frozen=True)
class Branches:
    """A step that splits, its branches (at least two, none of them empty), and their join."""

    branches: tuple["Body", ...]


@dataclass(frozen=True)
class Each:
    """A step with a foreach over `width` elements, the body that runs for each of them, and the join."""

    body: "Body"
    width: int = 2


@dataclass(frozen=True)
class Choice:
    """A switch whose cases each have a body, but for an empty one that goes straight on; case `taken` is chosen."""

    cases: tuple["Body", ...]
    taken: int = 0


@dataclass(frozen=True)
class Loop:
    """A body that runs `laps` times more, through a switch at its end that goes back; without a body, to itself."""

    body: "Body"
    laps: int = 1


@dataclass(frozen=True)
class Together:
    """A step that starts a gang of `width`, its one step, and the join."""

    width: int = 2


Part = Single | Branches | Each | Choice | Loop | Together
Body = tuple[Part, ...]


@dataclass(frozen=True)
class FlowTree:
    """What lies between the first step and the end; the first part holds the start."""

    body: Body


@dataclass(frozen=True)
class Line:
    """A step of a tree with its name: what both the source and the plan are written from."""

    name: str
    transition: Transition
    next: tuple[str, ...]
    closes: str | None = None  # for a join: the step whose split it closes
    width: int = 0  # for a foreach or a gang: how many elements
    gang: bool = False  # whether it is the step of a gang
    taken: int = 0  # for a switch: the place of its case in `next`; for a loop, how often that is 0 before it is 1
    loops: bool = False  # whether `taken` counts laps


def flows(max_width: int = 3, max_leaves: int = 8, *, rich: bool = False) -> st.SearchStrategy[FlowTree]:
    """Well-formed flows with up to `max_leaves` innermost parts; splits and foreach are up to `max_width` wide.

    A foreach may be over nothing. Only `rich` flows have switches, loops and gangs.
    """

    def compound(parts: st.SearchStrategy[Part]) -> st.SearchStrategy[Part]:
        body = st.lists(parts, min_size=1, max_size=3).map(tuple)
        branches = st.lists(body, min_size=2, max_size=max(2, max_width)).map(tuple)
        plain = (st.builds(Branches, branches), st.builds(Each, body, st.integers(0, max_width)))
        if not rich:
            return st.one_of(*plain)
        cases = st.tuples(body, st.one_of(st.just(()), body))
        return st.one_of(
            *plain, st.builds(Choice, cases, st.integers(0, 1)), st.builds(Loop, body, st.integers(0, max_width))
        )

    single: st.SearchStrategy[Part] = st.just(Single())
    if rich:
        single = st.one_of(single, st.builds(Together, st.integers(1, max(1, max_width))))
    part = st.recursive(single, compound, max_leaves=max_leaves)
    return st.lists(part, min_size=1, max_size=4).map(lambda parts: FlowTree(tuple(parts)))


class _Namer:
    """Gives steps their names, from left to right."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self) -> str:
        name = f"s{self._count}" if self._count else "start"
        self._count += 1
        return name


def lines_of(tree: FlowTree) -> list[Line]:
    """The steps of a tree in the order of definition, which is one of the orders that they can run in."""
    name = _Namer()
    lines = list(_lines(tree.body, name(), "end", name))
    return [*lines, Line("end", Transition.END, ())]


def _lines(body: Body, first: str, after: str, name: _Namer) -> Iterator[Line]:
    """A body's steps, when its first is called `first` and it goes on to `after`."""
    for place, part in enumerate(body):
        onward = after if place == len(body) - 1 else name()
        yield from _part(part, first, onward, name)
        first = onward


def _part(part: Part, first: str, after: str, name: _Namer) -> Iterator[Line]:
    if isinstance(part, Single):
        yield Line(first, Transition.LINEAR, (after,))
        return
    if isinstance(part, Choice):
        entries = [name() if body else after for body in part.cases]
        yield Line(first, Transition.SWITCH, tuple(entries), taken=part.taken)
        for entry, body in zip(entries, part.cases, strict=True):
            if body:
                yield from _lines(body, entry, after, name)
        return
    if isinstance(part, Loop):
        again = f"{first}_again"
        inner = name() if part.body else again
        yield Line(first, Transition.LINEAR, (inner,))
        yield from _lines(part.body, inner, again, name)
        yield Line(again, Transition.SWITCH, (inner, after), taken=part.laps, loops=True)
        return
    join = f"{first}_join"
    if isinstance(part, Together):
        inner = name()
        yield Line(first, Transition.PARALLEL, (inner,), width=part.width)
        yield Line(inner, Transition.LINEAR, (join,), gang=True)
    elif isinstance(part, Each):
        inner = name()
        yield Line(first, Transition.FOREACH, (inner,), width=part.width)
        yield from _lines(part.body, inner, join, name)
    else:
        entries = [name() for _ in part.branches]
        yield Line(first, Transition.SPLIT, tuple(entries))
        for entry, branch in zip(entries, part.branches, strict=True):
            yield from _lines(branch, entry, join, name)
    yield Line(join, Transition.LINEAR, (after,), closes=first)


def source_of(lines: Sequence[Line], flow: str = "RandomFlow") -> str:
    """The text of a module that defines a flow with these steps in this order; take `lines_of(tree)`, or a shuffle."""
    text = ["from flagstone.dsl.flow import FlowSpec", "from flagstone.dsl.decorators import parallel"]
    text += ["from flagstone.dsl.step import step", "", ""]
    text.append(f"class {flow}(FlowSpec):")
    for line in lines:
        text += ["    @parallel"] if line.gang else []
        text += ["    @step", f"    def {line.name}(self{', inputs' if line.closes else ''}):"]
        arguments = [f"self.{target}" for target in line.next]
        if line.transition is Transition.FOREACH:
            text.append(f"        self.items = list(range({line.width}))")
            arguments.append("foreach='items'")
        elif line.transition is Transition.PARALLEL:
            arguments.append(f"num_parallel={line.width}")
        elif line.transition is Transition.SWITCH:
            text += _chosen(line)
            arguments = [f"{{{', '.join(f'{k}: self.{t}' for k, t in enumerate(line.next))}}}", "condition='choice'"]
        text += [f"        self.next({', '.join(arguments)})" if arguments else "        pass", ""]
    return "\n".join(text) + "\n"


def _chosen(line: Line) -> list[str]:
    """How a switch comes to its choice; a loop counts its laps in an artifact of its own."""
    if not line.loops:
        return [f"        self.choice = {line.taken}"]
    counter = f"laps_of_{line.name}"
    return [
        f"        laps = getattr(self, {counter!r}, 0)",
        f"        self.choice = 0 if laps < {line.taken} else 1",
        f"        self.{counter} = laps + 1 if self.choice == 0 else 0",
    ]


def plan_of(tree: FlowTree, flow: str = "RandomFlow", file: str = "random_flow.py") -> Plan:
    """The same flow as a plan; the location of a step is its place in the order of definition."""
    lines = lines_of(tree)
    steps = tuple(
        Step(
            name=line.name,
            transition=line.transition,
            next=line.next,
            joins=line.closes is not None,
            where=Location(file, place),
            foreach="items" if line.transition is Transition.FOREACH else None,
            num_parallel=str(line.width) if line.transition is Transition.PARALLEL else None,
            condition="choice" if line.transition is Transition.SWITCH else None,
            cases=tuple(Case(key, target) for key, target in enumerate(line.next))
            if line.transition is Transition.SWITCH
            else (),
            declarations=(Parallel(),) if line.gang else (),
        )
        for place, line in enumerate(lines, 1)
    )
    matching = {line.name: line.closes for line in lines if line.closes is not None}
    return Plan(flow=flow, file=file, start="start", end="end", steps=steps, matching_split=matching)


def widths_of(tree: FlowTree) -> dict[str, int]:
    """For each step with a foreach or a gang, how many elements it has."""
    return {line.name: line.width for line in lines_of(tree) if line.width or line.transition is Transition.FOREACH}
