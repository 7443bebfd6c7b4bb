"""The ways through a graph: loops only through a switch, no orphans, and every split closed by exactly one join."""

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


def loops_choose(draft: Draft) -> None:
    """A step comes again only through a switch, which goes back to a step that is always passed on the way there."""
    for name, target in sorted(draft.going_back, key=lambda edge: draft.steps.index(draft.named[edge[0]])):
        step = draft.named[name]
        if step.step.transition is not Transition.SWITCH:
            raise _loop(draft, _circle(draft, name, target))
        if draft.named[target].step.joins:
            raise wrong(
                step.next_where,
                f"the switch in step {name!r} goes back to the join {target!r}, which has its inputs only once",
                f"go back to an ordinary step, before the split or after the join {target!r}",
            )
        if name != target and _reached(draft, without=target, goal=name):
            raise wrong(
                step.next_where,
                f"the switch in step {name!r} goes back to {target!r}, and {name!r} can also be reached past it: "
                "the loop has two entrances",
                f"let every way to {name!r} lead through {target!r}",
            )


def _circle(draft: Draft, last: str, first: str) -> list[StepDraft]:
    """The steps of a loop, from the one that it goes back to."""
    came_from: dict[str, str] = {first: first}
    pending = [first]
    while pending and last not in came_from:
        name = pending.pop(0)
        for target in draft.named[name].step.next:
            if target in draft.named and target not in came_from:
                came_from[target] = name
                pending.append(target)
    circle = [last]
    while circle[-1] != first:
        circle.append(came_from[circle[-1]])
    return [draft.named[name] for name in reversed(circle)]


def _loop(draft: Draft, steps: list[StepDraft]) -> InvalidGraph:
    way = " => ".join([step.name for step in steps] + [steps[0].name])
    return wrong(
        steps[-1].next_where,
        f"these steps go round in a loop without an end: {way}",
        "let a switch choose when to leave it, as in\n"
        f'        self.next({{"again": self.{steps[0].name}, "done": self.after}}, condition="choice")',
    )


def _reached(draft: Draft, goal: str, without: str = "") -> bool:
    """Whether one gets from the start to `goal`, and not through the step `without`."""
    seen = {without}
    pending = [draft.start.name]
    while pending:
        name = pending.pop()
        if name == goal:
            return name not in seen
        if name not in seen:
            seen.add(name)
            pending.extend(target for target in draft.named[name].step.next if target in draft.named)
    return False


def everything_ends(draft: Draft) -> None:
    """From every step there is a way to the end."""
    leads = {draft.end.name}
    pending = [draft.end]
    while pending:
        for parent in draft.parents[pending.pop().name]:
            if parent.name not in leads:
                leads.add(parent.name)
                pending.append(parent)
    for step in (draft.named[name] for name in reversed(order(draft))):
        if step.name not in leads and _reached(draft, goal=step.name):
            raise wrong(
                step.next_where,
                f"once the flow is in step {step.name!r}, it can never reach the end {draft.end.name!r}",
                f"give a switch of its loop a case that leads on, as in\n        "
                f'self.next({{"again": self.{step.name}, "done": self.{draft.end.name}}}, condition="choice")',
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

    What goes back in a loop does not count.
    """
    place = {step.name: number for number, step in enumerate(draft.steps)}
    missing = {name: len(parents) for name, parents in draft.before.items()}
    ready = [place[name] for name, count in missing.items() if count == 0]
    heapq.heapify(ready)
    done: list[str] = []
    while ready:
        step = draft.steps[heapq.heappop(ready)]
        done.append(step.name)
        for target in dict.fromkeys(step.step.next):
            if target in missing and target != step.name and (step.name, target) not in draft.going_back:
                missing[target] -= 1
                if missing[target] == 0:
                    heapq.heappush(ready, place[target])
    return tuple(done)


def balance(draft: Draft) -> Balance:
    """Walk all ways at once and match joins with splits. Raises InvalidGraph; expects no orphans.

    A step's way is the list of the splits that are open around it, each with the branch taken. A branch or a foreach
    pushes onto it, a join pops. Two ways that are equal can only come from the cases of one switch. What goes back in a
    loop must come to the way that it left.
    """
    around: dict[str, Way] = {}
    closed_by: dict[str, StepDraft] = {}
    for name in order(draft):
        step = draft.named[name]
        arrivals = [(parent, _leaving(parent, name, around)) for parent in draft.before[name]]
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
    for name, target in draft.going_back:
        if around[name] != around[target]:
            raise _loop_across(draft, name, target, max(around[name], around[target], key=len)[-1].split)
    return Balance({join.name: split for split, join in closed_by.items()}, around)


def _loop_across(draft: Draft, name: str, target: str, split: str) -> InvalidGraph:
    return wrong(
        draft.named[name].next_where,
        f"the switch in step {name!r} goes back to {target!r}, across the split in step {split!r}",
        "a loop lies wholly inside a branch or foreach, or has the whole of it inside: go back to a step of the same"
        " branch, or choose after the join",
    )


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
