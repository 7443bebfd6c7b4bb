"""Runs one attempt inside a task's process: builds `self`, runs the step, stores what it left, reports."""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Raw

from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.inputs import Inputs
from flagstone.dsl.task_state import Parameters, TaskState
from flagstone.dsl.unbounded import UnboundedForeachInput
from flagstone.engine.attempt import Attempt, Middleware, concerned, run_chain
from flagstone.engine.failures import describe_exception
from flagstone.engine.forked import OnlyTheTask
from flagstone.engine.spilling import SpilledInputs
from flagstone.kit import clock
from flagstone.kit.masking import masked, masked_preview
from flagstone.kit.text import listed
from flagstone.model.artifacts import EMPTY_MANIFEST, Split, decode_manifest
from flagstone.model.errors import InvalidForeach, InvalidNextException, Location
from flagstone.model.jobs import Failure, Job, JobInput, Report, RunContext, encode
from flagstone.model.plan import Step, Transition
from flagstone.model.resources import Resources
from flagstone.ports.artifact_store import ArtifactStore, Loaded, Saved


class StepRunner:
    """The engine's half of a task process; one for a run, handed to the compute back end."""

    def __init__(self, flow: type[FlowSpec], artifacts: ArtifactStore, chain: Sequence[Middleware]) -> None:
        self._flow = flow
        self._artifacts = artifacts
        self._chain = chain

    def prepare(self, context: RunContext) -> None:
        """Get ready for the tasks of a run; called once, before any fork."""
        self._context = context
        self._steps = {step.name: step for step in context.plan.steps}
        self._chains = {step.name: concerned(self._chain, step) for step in context.plan.steps}
        names = frozenset({*self._flow.__flagstone__.parameters, *self._flow.__flagstone__.configs})
        self._parameters = Parameters(decode_manifest(context.constants).artifacts, self._artifacts, names)
        self._warm_up()

    def _warm_up(self) -> None:
        """Run a step that does nothing a few times before the forks.

        What a task's process writes to, it must copy first: modules that it would import, code that the interpreter
        would specialise. Done here once, all tasks share it.
        """
        idle = Step(IDLE, Transition.LINEAR, (IDLE,), False, Location("", 0))
        job = Job(0, IDLE, 0, (0,), (), (JobInput(IDLE, 0, EMPTY_MANIFEST),), Resources())

        def call(flow: FlowSpec) -> None:
            flow.__dict__[IDLE] = 1
            flow._flagstone.choose((IDLE,))

        for _ in range(WARM):
            encode(self._attempt(idle, job, lambda flow, _inputs: call(flow)))

    def run(self, job: Job) -> Report:
        """Run the attempt and report. Never raises for what the user's code does."""
        step = self._steps[job.step]
        return self._attempt(step, job, lambda flow, inputs: self._call(step, flow, inputs))

    def _attempt(self, step: Step, job: Job, call: Callable[[FlowSpec, Inputs | None], None]) -> Report:
        started = clock.now()
        state, inputs = self._state(step, job)
        flow = self._flow.__new__(self._flow)
        object.__setattr__(flow, "_flagstone", state)
        attempt = Attempt(context=self._context, job=job, step=step, flow=flow, notices=[], inputs=inputs)
        failure: Failure | None = None
        split: Split | None = None
        try:
            run_chain(self._chains.get(step.name, self._chain), attempt, lambda: call(flow, inputs))
            check_transition(step, state)
            split = self._spread(step, flow, state)
        except BaseException as error:  # noqa: BLE001 - the boundary of an attempt: everything becomes its failure
            failure = describe_exception(error)
        saved, failure = self._save(flow, state, failure, fan_out=split is not None)
        return Report(
            number=job.number,
            attempt=job.attempt,
            started=started,
            finished=clock.now(),
            failure=failure,
            manifest=saved.manifest if saved.blob is None else b"",
            manifest_blob=saved.blob,
            targets=state.chosen.targets if state.chosen is not None and failure is None else (),
            split=split,
            label=masked_preview(state.label()),
            reads=tuple(sorted(state.reads)),
            notices=tuple(map(masked, attempt.notices)),
        )

    def _state(self, step: Step, job: Job) -> tuple[TaskState, Inputs | None]:
        where: Sequence[JobInput] = job.inputs if job.spilled is None else SpilledInputs(job.spilled)
        inherited = {} if step.joins or not where else decode_manifest(where[0].manifest).artifacts
        shape = self._flow.__flagstone__
        parameters = self._parameters.fresh()
        state = TaskState(
            step, self._flow.__name__, self._artifacts, parameters, dict(inherited), job.items, shape.protected
        )
        if not step.joins:
            return state, None
        return state, Inputs(where, self._artifacts, parameters, shape.constants, state.parameter)

    def _call(self, step: Step, flow: FlowSpec, inputs: Inputs | None) -> None:
        function = self._flow.__flagstone__.steps[step.name]
        with OnlyTheTask():
            if inputs is None:
                function(flow)
            else:
                function(flow, inputs)

    def _spread(self, step: Step, flow: FlowSpec, state: TaskState) -> Split | None:
        """Store the elements of a foreach; an iterator is consumed here, once, and becomes a list for everyone."""
        if step.transition is Transition.PARALLEL and state.chosen is not None and state.chosen.gang is not None:
            return self._artifacts.save_items(GANG, range(state.chosen.gang))
        if step.transition is not Transition.FOREACH or state.chosen is None or state.chosen.foreach is None:
            return None
        variable = state.chosen.foreach
        value = getattr(flow, variable, _MISSING)
        items = elements(value, variable, step)
        if hasattr(value, "__next__"):
            flow.__dict__[variable] = items
        return self._artifacts.save_items(variable, items)

    def _save(
        self, flow: FlowSpec, state: TaskState, failure: Failure | None, *, fan_out: bool
    ) -> tuple[Saved, Failure | None]:
        values = {name: value for name, value in flow.__dict__.items() if not name.startswith("__")}
        inherited: dict[str, Raw] = {}
        loaded: dict[str, Loaded] = {}
        for name, raw in state.inherited.items():
            known = state.loaded.get(name)
            if known is not None and values.get(name, _MISSING) is known.value:
                loaded[name] = known
            if name in loaded or name not in values:
                inherited[name] = raw
        try:
            saved = self._artifacts.save(values, inherited=inherited, loaded=loaded, fan_out=fan_out)
        except BaseException as error:  # noqa: BLE001 - a full disk is the attempt's failure, not the process's
            return Saved(EMPTY_MANIFEST, None, ()), describe_exception(error)
        if saved.failures and failure is None:
            first = saved.failures[0]
            first.where = first.where or state.step.where
            failure = describe_exception(first)
        return saved, failure


IDLE = "_idle"  # the name of the step that warms up; no step of a flow can have it
GANG = "num_parallel"  # what the nodes of a gang are called where a foreach names its variable
WARM = 20  # times: the interpreter specialises code that ran often enough

_MISSING: Any = object()


def check_transition(step: Step, state: TaskState) -> None:
    """What the step did is what its source says. Raises InvalidNextException."""
    chosen = state.chosen
    if step.transition is Transition.END:
        return
    if chosen is None:
        raise InvalidNextException(
            problem=f"step {step.name!r} ended without calling self.next",
            hint=f"do not return before self.next({', '.join(f'self.{name}' for name in step.next)})",
            where=step.where,
        )
    if step.num_parallel is not None and chosen.targets == step.next and chosen.gang is None:
        raise InvalidNextException(
            problem=f"step {step.name!r} says num_parallel={step.num_parallel}, and num_parallel is None: "
            "a number of at least 1 is expected",
            hint=f"assign {step.num_parallel} before self.next",
            where=step.where,
        )
    goes = step.transition is Transition.SWITCH and len(chosen.targets) == 1 and chosen.targets[0] in step.next
    written = chosen.foreach == step.foreach and (chosen.gang is None) is (step.num_parallel is None)
    if not (written and (goes or chosen.targets == step.next)):
        raise InvalidNextException(
            problem=f"step {step.name!r} went on with {listed(chosen.targets)}, "
            f"and its last line says {listed(step.next)}",
            hint="call self.next once, as the last statement of the step",
            where=step.where,
        )


def elements(value: Any, variable: str, step: Step) -> Any:
    """What a foreach over `value` goes through, in a stable order where the value has none of its own.

    Sequences as they are; the keys of a dict; the elements of a set, sorted where they can be compared; of anything
    else that can be iterated, a list. Raises InvalidForeach.
    """
    if value is _MISSING:
        raise InvalidForeach(
            problem=f"step {step.name!r} says foreach={variable!r}, and self.{variable} was never assigned",
            hint=f"assign self.{variable} before self.next",
            where=step.where,
        )
    if isinstance(value, list | tuple | str | bytes | range):
        return value
    if isinstance(value, UnboundedForeachInput):
        return iter(value)
    if isinstance(value, set | frozenset):
        try:
            return sorted(value)
        except TypeError:
            return list(value)
    try:
        return list(value)
    except TypeError:
        raise InvalidForeach(
            problem=f"step {step.name!r} says foreach={variable!r}, and self.{variable} is "
            f"of type {type(value).__name__}, which cannot be iterated",
            hint="assign a list, or anything else that `for` can go through",
            where=step.where,
        ) from None
