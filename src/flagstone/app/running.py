"""Run and resume a flow on this machine: resolves the input, wires the engine, and sees it through."""

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from flagstone.app import backends
from flagstone.app import settings as settings_of
from flagstone.app.backends import Backend
from flagstone.app.belonging import branch_for, triggers_for
from flagstone.app.configuring import offer
from flagstone.app.home import ask, prepare_home
from flagstone.app.hooks import run_hooks
from flagstone.app.inputs import Before, Values, given_values
from flagstone.app.options import ResumeOptions, RunOptions
from flagstone.app.origin import Origin, find_origin, settle_as_origin
from flagstone.app.system_tags import system_tags
from flagstone.app.workspace import Workspace, shared
from flagstone.dsl import specs
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.mutating import pre_mutate
from flagstone.dsl.reading import read_plan
from flagstone.engine.attempt import check_declarations
from flagstone.engine.claims import Admission
from flagstone.engine.launcher import Launcher
from flagstone.engine.log_tail import LogTail
from flagstone.engine.loop import Loop, Parts, Policy
from flagstone.engine.middleware.recorded import remarks
from flagstone.engine.observers.broadcast import Broadcast
from flagstone.engine.observers.recorder import Recorder
from flagstone.engine.prompt.desk import Desk
from flagstone.engine.resume import Resume
from flagstone.engine.scheduler import Scheduler
from flagstone.engine.trying import Trying
from flagstone.kit import clock
from flagstone.kit.files import private_directory
from flagstone.kit.text import plural
from flagstone.model.errors import FlagstoneError, InvalidSetting, InvalidTag, NoTerminal
from flagstone.model.events import Notice, RunEnded, RunStarted
from flagstone.model.ids import RunId
from flagstone.model.jobs import RunContext
from flagstone.model.records import NewRun
from flagstone.model.states import State
from flagstone.ports.observer import Observer


class RunOutcome(Struct, frozen=True):
    """What became of a run."""

    run: RunId
    state: State


class Decide(Struct, frozen=True):
    """What decides which task starts: the scheduler, and what a task takes of the machine."""

    scheduler: Scheduler
    admission: Admission


def run_flow(flow: type[FlowSpec], options: RunOptions, observers: Sequence[Observer] = ()) -> RunOutcome:
    """Run a flow to its end. Raises the errors of the input and the set-up; a failure of a step is in the outcome."""
    return Execution(flow, options, observers).go(None)


def resume_flow(flow: type[FlowSpec], options: ResumeOptions, observers: Sequence[Observer] = ()) -> RunOutcome:
    """A new run that takes over from an earlier one what succeeded there. Raises NothingToResume, UnknownStep."""
    if flow.__flagstone__.delays:
        settle_as_origin(flow, settings_of.load(), options.origin)
    return Execution(flow, options, observers).go(options)


class Execution:
    """One run from its options to its outcome."""

    def __init__(self, flow: type[FlowSpec], options: RunOptions, observers: Sequence[Observer]) -> None:
        self.flow = flow
        self.options = options
        self.observers = list(observers)
        self.settings = settings_of.load()
        if flow.__flagstone__.delays and flow.__flagstone__.config_sources is None:
            offer(flow)
        for text in self.settings.default_decospecs:
            pre_mutate(flow)
            specs.attach(flow, text)
        self.plan = read_plan(flow)
        self.project = branch_for(self.plan, self.settings, options.branch, options.production)
        self.desk: Desk | None = None
        for tag in options.tags:
            if not tag.strip() or len(tag) > 500:
                raise InvalidTag(tag=tag[:60], problem="a tag has 1 to 500 characters")

    def go(self, resume: ResumeOptions | None) -> RunOutcome:
        """Fork first, open the database after: a database must not cross a fork."""
        if resume is not None and resume.step is not None:
            self.plan.step(resume.step)
        check_declarations(self.plan, backends.chain())
        given = self._given() if resume is None else None
        home = self._prepare()
        backend = self._choose()
        try:
            admission = Admission(self.plan, backend.machine, backend.compute.depth)
            backend.compute_boot()
            self.desk = self._open_desk(home)
            workspace = self._open()
            origin = find_origin(workspace, self.plan.flow, resume.origin) if resume is not None else None
            values = given if given is not None else self._resumed_values(origin)
            scheduler = Scheduler(
                self.plan,
                backend.machine.resources,
                places=backend.machine.places,
                claims=admission.claims,
                keep_going=self.options.keep_going,
            )
            decide = Decide(scheduler, admission)
            context = self._begin(workspace, values, origin, home)
            taken = self._before_the_start(workspace, context, origin, resume)
            return self._see_through(workspace, context, backend, decide, taken)
        finally:
            backend.compute.close()
            if self.desk is not None:
                self.desk.close()

    def _prepare(self) -> Path:
        return prepare_home(self.settings.home)

    def _choose(self) -> Backend:
        return backends.choose(self.flow, self.plan, self.options, self.settings)

    def _open(self) -> Workspace:
        if not self.options.called:  # a program that goes on to fork must not have spoken to a store by then
            ask(self.settings.place)
        return shared(self.settings)

    def _open_desk(self, home: Path) -> Desk | None:
        """The terminal for the prompts of tasks, where there is one. Raises NoTerminal where --pdb asks for it."""
        desk = Desk.open(home / "tmp")
        if desk is None and self.options.post_mortem:
            raise NoTerminal(what="--pdb")
        return desk

    # --- input -----------------------------------------------------------------------------------------------

    def _given(self, before: Before | None = None) -> Values:
        return given_values(self.flow, self.options, self.settings.user, before)

    def _resumed_values(self, origin: Origin | None) -> Values:
        return self._given(None if origin is None else Before(origin.parameters, origin.run.parameters))

    # --- the run ---------------------------------------------------------------------------------------------

    def _begin(self, workspace: Workspace, values: Values, origin: Origin | None, home: Path) -> RunContext:
        """Record the run and everything that it starts from."""
        triggers = triggers_for(self.plan, workspace, self.options.triggers)
        constants = self._save_constants(workspace, values)
        run = workspace.metadata.begin_run(
            NewRun(
                flow=self.plan.flow,
                user=self.settings.user,
                created=clock.now(),
                namespace=f"user:{self.settings.user}",
                tags=self.options.tags,
                system_tags=system_tags(self.settings.user, self.project),
                parameters=values.texts,
                plan=msgspec.msgpack.encode(self.plan.public()),
                constants=constants,
                origin=origin.run.id if origin is not None else None,
            )
        )
        return RunContext(
            run=run,
            plan=self.plan,
            user=self.settings.user,
            namespace=self.options.namespace or self.settings.namespace or f"user:{self.settings.user}",
            tags=self.options.tags,
            constants=constants,
            home=str(home),
            origin=origin.run.id if origin is not None else None,
            terminal=self.desk.address if self.desk is not None else "",
            post_mortem=self.options.post_mortem,
            check_types=self.settings.check_types,
            project=self.project,
            triggers=triggers,
            store=self.settings.place,
        )

    def _save_constants(self, workspace: Workspace, values: Values) -> bytes:
        shape = self.flow.__flagstone__
        chosen = {**(shape.config_values or {}), **values.new}
        saved = workspace.artifacts.save({**shape.constants, **chosen}, inherited=values.kept, loaded={}, fan_out=False)
        for failure in saved.failures:
            if failure.fields.get("name") in chosen:
                raise failure
            self._say(f"a class attribute is not recorded: {failure}", "warning")
        if saved.blob is not None:
            return workspace.artifacts.read_manifest(saved.blob)
        return saved.manifest

    def _before_the_start(
        self, workspace: Workspace, context: RunContext, origin: Origin | None, options: ResumeOptions | None
    ) -> Resume | None:
        """What is done once the run is recorded; a run that ends here is recorded as failed, not lost."""
        try:
            self._tell_number(context.run)
            return self._taken(workspace, context, origin, options)
        except BaseException as error:
            self._give_up(Recorder(workspace.metadata, context.run), context.run, error)
            raise

    def _tell_number(self, run: RunId) -> None:
        facts = {"flow_name": run.flow, "run_id": str(run.number), "metadata": f"local@{self.settings.home}"}
        for setting, file, text in (
            ("run-id-file", self.options.run_id_file, str(run.number)),
            ("runner-attribute-file", self.options.runner_attribute_file, json.dumps(facts)),
        ):
            if not file:
                continue
            try:
                Path(file).write_text(text)
            except OSError as error:
                problem = f"it cannot be written: {error.strerror}"
                raise InvalidSetting(setting=setting, value=file, problem=problem, source=f"--{setting}") from None

    def _taken(
        self, workspace: Workspace, context: RunContext, origin: Origin | None, options: ResumeOptions | None
    ) -> Resume | None:
        if origin is None or options is None:
            return None
        record = workspace.metadata.run(context.run)
        now = record.parameters if record is not None else {}
        return origin.decide(workspace, self.plan, now, options.step)

    def _trying(self) -> Trying:
        return Trying(self.plan)

    def _see_through(
        self, workspace: Workspace, context: RunContext, backend: Backend, decide: Decide, resume: Resume | None
    ) -> RunOutcome:
        recorder = Recorder(workspace.metadata, context.run)
        scratch = private_directory(workspace.home / "tmp" / f"{context.run.flow}.{context.run.number}")
        emit = Broadcast([recorder, *self.observers])
        tail = LogTail(context.run, workspace.logs, emit, stream=self.options.stream_output)
        launcher = Launcher(context.run, self.plan, workspace.metadata, workspace.artifacts, scratch)
        parts = Parts(
            scheduler=decide.scheduler,
            admission=decide.admission,
            launcher=launcher,
            compute=backend.compute,
            recorder=recorder,
            emit=emit,
            log_tail=tail,
            artifacts=workspace.artifacts,
            trying=self._trying(),
            resume=resume,
            desk=self.desk,
        )
        policy = Policy(max_num_splits=self.options.max_num_splits)
        loop = Loop(context.run, policy, parts)
        try:
            self._announce(emit, workspace, context, backend, resume)
            backend.compute.start(context)
            state = loop.run()
            self._call_hooks(context.run, state, emit)
        except BaseException as error:
            self._give_up(recorder, context.run, error)
            raise
        finally:
            emit.close()
            for left in scratch.iterdir():
                left.unlink(missing_ok=True)
            scratch.rmdir()
        return RunOutcome(context.run, state)

    def _announce(
        self, emit: Broadcast, workspace: Workspace, context: RunContext, backend: Backend, resume: Resume | None
    ) -> None:
        record = workspace.metadata.run(context.run)
        emit(
            RunStarted(
                time=clock.now(),
                run=context.run,
                plan=self.plan.public(),
                parameters=record.parameters if record is not None else {},
                tags=context.tags,
                user=context.user,
                origin=context.origin,
                workers=backend.machine.places,
                isolation=backend.isolation,
            )
        )
        for text in (*backend.notices(), *specs.gave_way(self.flow, self.plan), *remarks(self.plan)):
            emit(notice(text))
        if resume is not None:
            emit(notice(f"{plural(len(resume), 'task')} taken over from {context.origin}"))
            for step, reason in resume.reasons.items():
                emit(notice(f"{step} runs again: {reason}"))

    def _call_hooks(self, run: RunId, state: State, emit: Broadcast) -> None:
        """The run has ended, and is recorded as such."""
        run_hooks(self.plan, run, state, self.settings.home, lambda text, level: emit(notice(text, level)))

    def _give_up(self, recorder: Recorder, run: RunId, error: BaseException) -> None:
        """The engine itself cannot go on: leave the run recorded as failed if the store still takes it."""
        reason = str(error) or type(error).__name__
        try:
            recorder.on(RunEnded(time=clock.now(), run=run, state=State.FAILED, reason=reason[:500]))
        except FlagstoneError:
            recorder.abandon()  # the store is why we give up: the run is seen as lost when this process ends

    def _say(self, text: str, level: str) -> None:
        for observer in self.observers:
            observer.on(notice(text, level))


def notice(text: str, level: str = "info") -> Notice:
    """Something to be said now."""
    return Notice(time=clock.now(), text=text, level=level)
