"""`run_step`: one step as a plain function, with the artifacts that a test gives it, and what it left."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from flagstone.client.task import Task
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.task_state import TaskState
from flagstone.engine.attempt import Attempt, Middleware, concerned, run_chain
from flagstone.engine.middleware.constants import KeepConstants
from flagstone.engine.middleware.current import SetCurrent
from flagstone.engine.task import StepRunner, check_transition
from flagstone.kit import late
from flagstone.kit.text import listed
from flagstone.model.artifacts import Item, decode_artifact
from flagstone.model.declarations import Parallel
from flagstone.model.jobs import Job, JobInput, RunContext
from flagstone.model.plan import Plan, Step
from flagstone.model.resources import Resources
from flagstone.testing.references import ReferenceArtifactStore

NOTHING: Any = type("Nothing", (), {"__repr__": lambda self: "NOTHING"})()


class Next(Struct, frozen=True):
    """Where a step goes: the steps that `self.next` named; of a switch, the one that it chose.

    Of a foreach also the attribute and its elements, of a gang the number of its tasks.
    """

    steps: tuple[str, ...]
    foreach: str | None = None
    items: list[Any] | None = None
    num_parallel: int | None = None


class StepResult:
    """What a step left: `result.model` is the artifact, `result.artifacts` all of them, `result.next` where it goes.

    `artifacts` has what the step inherited as well; `assigned` names what it assigned or loaded and may have changed.
    """

    def __init__(self, name: str, artifacts: dict[str, Any], assigned: frozenset[str], after: Next | None) -> None:
        self.step = name
        self.artifacts = artifacts
        self.assigned = assigned
        self.next = after

    def __getattr__(self, name: str) -> Any:
        artifacts = self.__dict__.get("artifacts", {})
        if name in artifacts:
            return artifacts[name]
        raise AttributeError(
            f"step {self.__dict__.get('step')!r} left no {name!r}: there are {listed(sorted(artifacts))}"
        )

    def __contains__(self, name: object) -> bool:
        return name in self.artifacts

    def __iter__(self) -> Iterator[str]:
        return iter(self.artifacts)

    def __repr__(self) -> str:
        where = "nothing follows" if self.next is None else f"goes on with {listed(self.next.steps)}"
        return f"<step {self.step}: {listed(sorted(self.artifacts)) or 'no artifacts'}; {where}>"


def run_step(
    flow: type[FlowSpec],
    step: str,
    *,
    artifacts: Any = None,
    parameters: Mapping[str, Any] | None = None,
    configs: Mapping[str, Any] | None = None,
    inputs: Any = None,
    input: Any = NOTHING,  # noqa: A002 - it is `self.input`
    index: int | None = None,
    foreach_stack: Sequence[tuple[int, int, Any]] = (),
    decorators: bool = False,
    attempt: int = 0,
) -> StepResult:
    """Run one step of a flow in this process, without a store, and look at what it left.

    `artifacts` is what it inherits: a dict, the StepResult of the step before, or a Task of the client. A join takes
    `inputs` instead: a list of these in the order of its branches, or a dict with the name of the step of each (a list
    for the tasks of a foreach). `input` and `index` are `self.input` and `self.index` in a foreach; in nested ones
    `foreach_stack` has an (index, number of elements, element) for each, from the outermost; a step of a gang is node 0
    of 1 where neither is given, and `foreach_stack=[(1, 4, 1)]` makes it node 1 of 4. Parameters and configs that are
    not given have their defaults.

    The step gets the objects themselves, not copies, so mocks and whatever cannot be stored are fine. Decorators do
    nothing unless `decorators=True`. `attempt` is `current.retry_count`: one attempt is made, and what it raises is
    raised, unless it is the last one of a step with @catch. Raises UnknownStep, InvalidParameter,
    InvalidNextException, and TypeError when the step is not of the kind that the arguments are meant for.
    """
    store = ReferenceArtifactStore()
    context: RunContext = late.resolve("context_in_memory")(flow, parameters or {}, configs or {}, store)
    chain: Sequence[Middleware] = late.resolve("middleware")() if decorators else (SetCurrent(), KeepConstants())
    given = _Given(context.plan, context.plan.step(step), store)
    items = given.items(input, index, foreach_stack)
    job = Job(
        number=1,
        step=step,
        attempt=attempt,
        path=tuple(item.index for item in items),
        items=items,
        inputs=given.inputs(artifacts, inputs),
        resources=Resources(),
    )
    runner = _Once(flow, store, chain)
    runner.prepare(context)
    return runner.once(job)


class _Given:
    """What a test gives, as a job has it."""

    def __init__(self, plan: Plan, step: Step, store: ReferenceArtifactStore) -> None:
        self._plan = plan
        self._step = step
        self._store = store

    def items(self, value: Any, index: int | None, stack: Sequence[tuple[int, int, Any]]) -> tuple[Item, ...]:
        """The elements of the foreachs around the step."""
        if stack and (value is not NOTHING or index is not None):
            raise TypeError("give input= and index=, or foreach_stack=")
        gang = self._step.declared(Parallel) is not None
        if not stack and value is NOTHING and index is None and not gang:
            return ()
        if gang and value is NOTHING:
            value = index or 0
        levels = stack or [(index or 0, (index or 0) + 1, None if value is NOTHING else value)]
        return tuple(self._store.item("items", place, count, element) for place, count, element in levels)

    def inputs(self, artifacts: Any, inputs: Any) -> tuple[JobInput, ...]:
        """The tasks that the step continues from."""
        name = self._step.name
        if not self._step.joins:
            if inputs is not None:
                raise TypeError(f"step {name!r} is not a join: give artifacts={{...}} instead of inputs=")
            return (self._input("before", 1, artifacts or {}),)
        if inputs is None or artifacts is not None:
            raise TypeError(f"step {name!r} is a join: give inputs=[...], the artifacts of each task that it joins")
        pairs = list(self._named(inputs) if isinstance(inputs, Mapping) else self._listed(list(inputs)))
        return tuple(self._input(parent, number, values) for number, (parent, values) in enumerate(pairs, 1))

    def _named(self, inputs: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        parents = self._parents()
        for unknown in sorted(inputs.keys() - set(parents)):
            raise TypeError(f"step {self._step.name!r} joins {listed(parents)}, and not {unknown!r}")
        for parent in parents:
            several = inputs.get(parent, [])
            for values in several if isinstance(several, list | tuple) else (several,):
                yield parent, values

    def _listed(self, inputs: list[Any]) -> Iterator[tuple[str, Any]]:
        parents = self._parents()
        if len(parents) == 1:
            parents *= len(inputs)
        if len(parents) != len(inputs):
            raise TypeError(f"step {self._step.name!r} joins {listed(parents)}, and inputs has {len(inputs)} of them")
        return zip(parents, inputs, strict=True)

    def _parents(self) -> list[str]:
        """The steps that a join continues from, in the order of the branches."""
        plan, parents = self._plan, list(self._plan.parents(self._step.name))
        opener = plan.matching_split.get(self._step.name)
        branches = plan.step(opener).next if opener is not None else ()

        def place(parent: str) -> int:
            return next(
                (n for n, branch in enumerate(branches) if parent in {branch, *plan.after(branch)}), len(branches)
            )

        return sorted(parents, key=place)

    def _input(self, parent: str, number: int, values: Any) -> JobInput:
        saved = self._store.save(_values_of(values), inherited={}, loaded={})
        return JobInput(parent, number, saved.manifest)


def _values_of(before: Any) -> dict[str, Any]:
    """The artifacts of what stands for a task."""
    if isinstance(before, StepResult):
        return before.artifacts
    if isinstance(before, Task):
        return {artifact.id: artifact.data for artifact in before}
    if isinstance(before, Mapping):
        return dict(before)
    raise TypeError(f"artifacts are given as a dict, a StepResult or a Task, not as {type(before).__name__}")


class _Once(StepRunner):
    """Runs an attempt without a boundary around it: what the step raises goes to the test."""

    def _warm_up(self) -> None:
        """Nothing is forked, so there is nothing to get ready."""

    def once(self, job: Job) -> StepResult:
        """Run it."""
        step = self._steps[job.step]
        state, inputs = self._state(step, job)
        flow = self._flow.__new__(self._flow)
        object.__setattr__(flow, "_flagstone", state)
        attempt = Attempt(context=self._context, job=job, step=step, flow=flow, notices=[], inputs=inputs)
        run_chain(concerned(self._chain, step), attempt, lambda: self._call(step, flow, inputs))
        check_transition(step, state)
        return StepResult(step.name, self._left(flow, state), frozenset(_own(flow)), self._next(step, flow, state))

    def _left(self, flow: FlowSpec, state: TaskState) -> dict[str, Any]:
        inherited = {
            name: self._artifacts.load(decode_artifact(raw), name=name).value for name, raw in state.inherited.items()
        }
        return inherited | _own(flow)

    def _next(self, step: Step, flow: FlowSpec, state: TaskState) -> Next | None:
        if state.chosen is None:
            return None
        if state.chosen.gang is not None:
            return Next(state.chosen.targets, num_parallel=state.chosen.gang)
        split = self._spread(step, flow, state)
        if split is None:
            return Next(state.chosen.targets)
        items = [self._artifacts.load_item(split.item(index)) for index in range(split.count)]
        return Next(state.chosen.targets, split.variable, items)


def _own(flow: FlowSpec) -> dict[str, Any]:
    return {name: value for name, value in flow.__dict__.items() if not name.startswith("__")}
