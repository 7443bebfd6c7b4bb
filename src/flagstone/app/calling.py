"""`MyFlow.run(...)`: a run that is started by a call in this very process, and read back as a `Run`."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from flagstone.app import settings as settings_of
from flagstone.app.configuring import offer
from flagstone.app.options import ResumeOptions, RunOptions
from flagstone.app.running import resume_flow, run_flow
from flagstone.client.run import Run
from flagstone.client.run_data import find_run
from flagstone.client.runner.notebook import NBRunner, lies_in_cells
from flagstone.client.scope import Scope
from flagstone.dsl import specs
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.given import by_attribute
from flagstone.dsl.mutating import pre_mutate
from flagstone.dsl.shape import Shape
from flagstone.engine.observers.console import Console
from flagstone.engine.observers.ending import one_line
from flagstone.engine.observers.sink import StreamSink
from flagstone.model.errors import Location, RunFailed
from flagstone.model.records import TaskQuery
from flagstone.model.states import State
from flagstone.ports.observer import Observer

OPTIONS = ("tags", "max_workers", "max_num_splits", "namespace", "run_id_file", "isolation", "keep_going")
FLOW_OPTIONS = {"branch": "project", "production": "project", "triggers": "trigger_on_finish"}  # and who brings them
CONFIGS = ("config", "config_value")
RESUMING = ("step_to_rerun", "origin_run_id")


def run(flow: type[FlowSpec], given: Mapping[str, Any]) -> Run:
    """Run a flow. Raises RunFailed when it does not succeed, and all that keeps a run from beginning."""
    return _go(flow, given, resuming=False)


def resume(flow: type[FlowSpec], given: Mapping[str, Any]) -> Run:
    """Carry on with a run. Raises NothingToResume, UnknownStep, and what `run` raises."""
    return _go(flow, given, resuming=True)


def _go(flow: type[FlowSpec], given: Mapping[str, Any], *, resuming: bool) -> Run:
    call = Call(flow, given, (*OPTIONS, *RESUMING) if resuming else OPTIONS)
    if lies_in_cells(flow) and call.options.get("isolation") != "inline":
        found = call.in_a_process(resuming=resuming)
    else:
        found = call.here(resuming=resuming)
    if found.status == State.CANCELLED and call.check:
        raise KeyboardInterrupt  # somebody stopped it: the program that called goes no further
    if not found.successful and call.check:
        raise failure_of(found)
    return found


class Call:
    """The keyword arguments of one call, parted; a parameter of the flow goes before an option of that name."""

    def __init__(self, flow: type[FlowSpec], given: Mapping[str, Any], options: Sequence[str]) -> None:
        rest = dict(given)
        own = {name for name in rest if name in flow.__flagstone__.parameters}
        self.flow = flow
        self.check = bool(rest.pop("check", True)) if "check" not in own else True
        self.show = bool(rest.pop("show_output", True)) if "show_output" not in own else True
        self.decorators = list(rest.pop("decospecs", ())) if "decospecs" not in own else []
        self.options = {name: rest.pop(name) for name in options if name in rest and name not in own}
        for name, decorator in FLOW_OPTIONS.items():
            if name in rest and name not in own and flow.__flagstone__.says(decorator):
                self.options[name] = tuple(rest.pop(name)) if name == "triggers" else rest.pop(name)
        configs = {name: pairs(rest.pop(name)) for name in CONFIGS if name in rest and name not in own}
        self.files, self.values = (configs.get(name, []) for name in CONFIGS)
        configure(flow, self.files, self.values)
        self.parameters = by_attribute(flow, rest)

    def run_options(self) -> RunOptions:
        """As options of a run. Raises InvalidSetting."""
        return RunOptions(parameters=self.parameters, called=True, stream_output=self.show, **self._checked())

    def resume_options(self) -> ResumeOptions:
        """As options of a resume. Raises InvalidSetting."""
        options = self._checked()
        step, origin = options.pop("step_to_rerun", None), options.pop("origin_run_id", None)
        options |= {"step": step, "origin": None if origin is None else str(origin)}
        return ResumeOptions(parameters=self.parameters, called=True, stream_output=self.show, **options)

    def _checked(self) -> dict[str, Any]:
        options = {name: value for name, value in self.options.items() if value is not None}
        for name in options.keys() & {"max_workers", "isolation"}:
            options[name] = settings_of.checked(name, options[name], f"{self.flow.__name__}.run()")
        return options | {"tags": tuple(options.get("tags", ()))}

    @contextmanager
    def decorated(self) -> Iterator[None]:
        """For the time of a run, the flow's steps have more decorators; the class stays as it is."""
        if not self.decorators:
            yield
            return
        pre_mutate(self.flow)
        shape = self.flow.__flagstone__
        more: list[list[Any]] = [[] for _ in _said(shape)]
        own = [list(said) for said in _said(shape)]
        try:
            for one in self.decorators:
                specs.attach(self.flow, one)
            more = [[one for one in said if one not in before] for said, before in zip(_said(shape), own, strict=True)]
            yield
        finally:
            for said, added in zip(_said(shape), more, strict=True):
                said[:] = [one for one in said if one not in added]

    def here(self, *, resuming: bool) -> Run:
        """In this process, which forks the tasks."""
        observers: list[Observer] = []
        if self.show:
            observers.append(Console(StreamSink(sys.stdout), StreamSink(sys.stderr)))
        with self.decorated():
            if resuming:
                outcome = resume_flow(self.flow, self.resume_options(), observers)
            else:
                outcome = run_flow(self.flow, self.run_options(), observers)
        scope = Scope(str(settings_of.load().home), None)
        return Run.of(find_run(scope, outcome.run.flow, str(outcome.run.number)))

    def in_a_process(self, *, resuming: bool) -> Run:
        """In a process of its own, from the cells of this notebook: a kernel has threads, so it is never forked."""
        more: dict[str, Any] = {"decospecs": self.decorators, "config": self.files, "config_value": self.values}
        runner = NBRunner(self.flow, show_output=self.show, **more)
        given = {**self.options, **self.parameters}
        return runner.nbresume(**given) if resuming else runner.nbrun(**given)


def configure(flow: type[FlowSpec], files: Sequence[tuple[str, str]], values: Sequence[tuple[str, Any]]) -> None:
    """Settle the configs of a flow anew, for one call: what an earlier call gave is forgotten. Raises InvalidConfig."""
    if flow.__flagstone__.delays or files or values:
        offer(flow, files, values)


def pairs(given: Mapping[str, Any] | Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Names with what is given for them."""
    return list(given.items()) if isinstance(given, Mapping) else list(given)


def failure_of(run: Run) -> RunFailed:
    """What says why a run did not succeed: its first failed task, its exception, and the line of the user's code."""
    reason, where, traceback = "", None, ""
    query = TaskQuery(states=(State.FAILED, State.LOST), limit=1)
    for record in run._scope.workspace.metadata.tasks(run._run.id, query):
        reason = f": {record.id} {'was lost' if record.state is State.LOST else 'failed'}: {one_line(record.failure)}"
        if record.failure is not None:
            traceback = record.failure.traceback
            where = Location(record.failure.file, record.failure.line) if record.failure.file else None
    error = RunFailed(run=run.pathspec, state=text_of_state(run.status), reason=reason, where=where)
    if traceback:
        error.add_note(traceback)
    return error


def text_of_state(state: str) -> str:
    """The state of a run as the verb of a sentence."""
    return state if state == State.FAILED else f"was {state}"


def _said(shape: Shape) -> list[list[Any]]:
    """What is declared about each step and what is put around it, as lists that can be changed."""
    return [*shape.declared.values(), *shape.applied.values()]
