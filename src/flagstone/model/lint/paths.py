"""The ways through a graph: no loops, no orphans, and every split closed by exactly one join."""

import heapq

from msgspec import Struct

from flagstone.kit.text import listed
from flagstone.model.draft import Draft, StepDraft, wrong
from flagstone.model.errors import InvalidGraph
from flagstone.model.plan import Transition


class Branch(Struct, frozen=True):
    """An open split, and which of its branches a step lies in."""

    split: str
    target: str


Way = tuple[Branch, ...]


class Balance(Struct, frozen=True):
    """How splits and joins match: for each join the split that it closes, for each step the open splits around it."""

    matching_split: dict[str, str]
    around: dict[str, Way]


def no_loops(draft: Draft) -> None:
    """No step comes again after itself, except a switch that names itself."""
    for step in draft.steps:
        if step.name in step.step.next and step.step.transition is not Transition.SWITCH:
            raise _loop(draft, [step])
    ordered = set(order(draft))
    left = [step for step in draft.steps if step.name not in ordered]
    if not left:
        return
    # Every step that is left has a parent that is left: walking up from any of them must close a circle.
    seen: list[StepDraft] = []
    step = left[0]
    while step not in seen:
        seen.append(step)
        step = next(parent for parent in draft.parents[step.name] if parent.name not in ordered)
    raise _loop(draft, seen[seen.index(step) :][::-1])


def _loop(draft: Draft, steps: list[StepDraft]) -> InvalidGraph:
    first = steps.index(min(steps, key=draft.steps.index))
    steps = steps[first:] + steps[:first]
    way = " => ".join([step.name for step in steps] + [steps[0].name])
    return wrong(
        steps[-1].next_where,
        f"these steps go round in a loop: {way}",
        "a graph only goes forward; a step alone may come again, through a switch, as in\n"
        f'        self.next({{"again": self.{steps[-1].name}, "done": self.after}}, condition="choice")',
    )


def no_orphans(draft: Draft) -> None:
    """Every step can be reached from the start."""
    reached = {draft.start.name}
    pending = [draft.start]
    while pending:
        for target in pending.pop().step.next:
            if target not in reached:
                reached.add(target)
                pending.append(draft.named[target])
    orphans = [step for step in draft.steps if step.name not in reached]
    if orphans:
        names = listed([repr(step.name) for step in orphans])
        raise wrong(
            orphans[0].step.where,
            f"nothing leads from the start to {'step' if len(orphans) == 1 else 'the steps'} {names}",
            f"let a step before it go on with self.next(self.{orphans[0].name}), or remove it",
        )


def splits_are_joined(draft: Draft) -> None:
    """Every split is closed by one join, which all of its branches reach, and nothing else closes."""
    balance(draft)


def order(draft: Draft) -> tuple[str, ...]:
    """The steps so that each comes after all that lead to it; among equals the one that is defined first.

    Steps on a loop, and behind one, are left out.
    """
    place = {step.name: number for number, step in enumerate(draft.steps)}
    missing = {name: len(parents) for name, parents in draft.parents.items()}
    ready = [place[name] for name, count in missing.items() if count == 0]
    heapq.heapify(ready)
    done: list[str] = []
    while ready:
        step = draft.steps[heapq.heappop(ready)]
        done.append(step.name)
        for target in dict.fromkeys(step.step.next):
            if target in missing and target != step.name:
                missing[target] -= 1
                if missing[target] == 0:
                    heapq.heappush(ready, place[target])
    return tuple(done)


def balance(draft: Draft) -> Balance:
    """Walk all ways at once and match joins with splits. Raises InvalidGraph; expects no loops and no orphans.

    A step's way is the list of the splits that are open around it, each with the branch taken. A branch or a foreach
    pushes onto it, a join pops. Two ways that are equal can only come from the cases of one switch.
    """
    around: dict[str, Way] = {}
    closed_by: dict[str, StepDraft] = {}
    for name in order(draft):
        step = draft.named[name]
        arrivals = [(parent, _leaving(parent, name, around)) for parent in draft.parents[name]]
        if step.step.joins:
            split = _closed_by(draft, step, arrivals)
            if split in closed_by:
                raise _two_joins(step, closed_by[split], split)
            closed_by[split] = step
            around[name] = around[split]
        elif step is draft.end and any(way for _, way in arrivals):
            raise _open_at_the_end(draft, step, arrivals)
        else:
            around[name] = arrivals[0][1] if arrivals else ()
            for parent, way in arrivals[1:]:
                if way != around[name]:
                    raise _unjoined(step, arrivals[0], (parent, way))
    return Balance({join.name: split for split, join in closed_by.items()}, around)


def _leaving(parent: StepDraft, target: str, around: dict[str, Way]) -> Way:
    way = around[parent.name]
    return (*way, Branch(parent.name, target)) if parent.step.splits else way


Arrival = tuple[StepDraft, Way]


def _closed_by(draft: Draft, join: StepDraft, arrivals: list[Arrival]) -> str:
    """The split that a join closes."""
    lost = [parent for parent, way in arrivals if not way] if arrivals else [join]
    if lost:
        raise wrong(
            join.step.where if lost[0] is join else lost[0].next_where,
            f"step {join.name!r} is a join (it takes inputs), and no split is open that it could close",
            f"write `def {join.name}(self):`, or split before it:\n        self.next(self.a, self.b)\nor\n"
            '        self.next(self.a, foreach="items")',
        )
    splits = {way[-1].split for _, way in arrivals}
    if len(splits) > 1:
        inner = max((way for _, way in arrivals), key=len)[-1].split
        ways = listed([f"{parent.name!r} (inside the split of {way[-1].split!r})" for parent, way in arrivals])
        raise wrong(
            join.step.where,
            f"the join {join.name!r} is reached from different splits: {ways}",
            f"close the inner split of {inner!r} with a join of its own, and let that one lead on to {join.name!r}",
        )
    split = draft.named[splits.pop()]
    come = {way[-1].target for _, way in arrivals}
    absent = [target for target in split.step.next if target not in come]
    if absent:
        branches = listed([repr(target) for target in absent])
        raise wrong(
            join.step.where,
            f"the join {join.name!r} does not get all branches of the split in step {split.name!r}: {branches}"
            f" {'does' if len(absent) == 1 else 'do'} not lead to it",
            f"end the branch that begins with {absent[0]!r} with\n        self.next(self.{join.name})",
        )
    return split.name


def _two_joins(join: StepDraft, other: StepDraft, split: str) -> InvalidGraph:
    return wrong(
        join.step.where,
        f"the split in step {split!r} has two joins, {other.name!r} and {join.name!r}: which one it is depends on a"
        " switch",
        f"let the switch's cases meet in an ordinary step, and that one lead to the join {other.name!r}",
    )


def _open_at_the_end(draft: Draft, end: StepDraft, arrivals: list[Arrival]) -> InvalidGraph:
    parent, way = next((parent, way) for parent, way in arrivals if way)
    split = draft.named[way[-1].split]
    branches = listed([f"self.{target}" for target in split.step.next])
    ends = " and ".join(dict.fromkeys(p.name for p, w in arrivals if w and w[-1].split == split.name))
    return wrong(
        parent.next_where,
        f"step {parent.name!r} goes on to the end {end.name!r}, and nothing has joined what step {split.name!r} split"
        f" ({branches})",
        f"write a join, and let {ends} lead to it with self.next(self.join):\n"
        f"    @step\n    def join(self, inputs):\n        self.next(self.{end.name})",
    )


def _unjoined(step: StepDraft, first: Arrival, second: Arrival) -> InvalidGraph:
    (left, one), (right, other) = first, second
    apart = next((pair for pair in zip(one, other, strict=False) if pair[0] != pair[1]), None)
    if apart is not None and apart[0].split == apart[1].split:
        return wrong(
            step.step.where,
            f"in step {step.name!r} branches of the split in step {apart[0].split!r} meet (it comes after {left.name!r}"
            f" and {right.name!r}), and it is not a join: it does not take inputs",
            f"let it take the inputs:\n    @step\n    def {step.name}(self, inputs):",
        )
    inner, outer = (left, right) if len(one) > len(other) else (right, left)
    split = max(one, other, key=len)[-1].split
    return wrong(
        inner.next_where,
        f"step {step.name!r} is reached from {inner.name!r} with the split of step {split!r} still open, and from"
        f" {outer.name!r} without it",
        f"let {inner.name!r} lead to the join that closes the split of {split!r}",
    )
