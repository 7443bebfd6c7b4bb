"""Run one step of the present code against the inputs of a past task, and say how what it left differs."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec import Raw, Struct

from flagstone.app import backends, spin_area
from flagstone.app import settings as settings_of
from flagstone.app.backends import Backend
from flagstone.app.belonging import branch_for
from flagstone.app.configuring import configure_as_recorded
from flagstone.app.home import prepare_home
from flagstone.app.inputs import Before, given_values
from flagstone.app.options import RunOptions, SpinOptions
from flagstone.app.overrides import load_overrides
from flagstone.app.past import Past, find_past, inputs_of, place_of
from flagstone.app.system_tags import system_tags
from flagstone.app.workspace import Workspace, open_workspace
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.reading import read_plan
from flagstone.engine.attempt import check_declarations
from flagstone.engine.claims import Admission
from flagstone.engine.launcher import manifest_of
from flagstone.engine.log_tail import LogTail
from flagstone.engine.loop import Loop, Parts, Policy
from flagstone.engine.observers.broadcast import Broadcast
from flagstone.engine.observers.recorder import Recorder
from flagstone.engine.prompt.desk import Desk
from flagstone.engine.ready import Claim
from flagstone.engine.single import OneJob, OneTask
from flagstone.engine.trying import Trying
from flagstone.kit import clock
from flagstone.kit.files import private_directory
from flagstone.model.artifacts import Artifact, Manifest, decode_artifact, decode_manifest, encode_manifest
from flagstone.model.attempts import Catch, Retry
from flagstone.model.declarations import Isolation, Needs, Parallel
from flagstone.model.errors import CannotSpin, FlagstoneError, NoTerminal
from flagstone.model.events import RunEnded, RunStarted
from flagstone.model.ids import RunId, TaskId
from flagstone.model.jobs import JobInput, RunContext
from flagstone.model.plan import Plan, Transition
from flagstone.model.records import SPUN, NewRun, TaskQuery, TaskRecord
from flagstone.model.states import State
from flagstone.ports.observer import Observer

LEFT_OUT = (Needs, Retry, Catch)  # what would make a person wait, or say less than there is to see
COMPARED = 1 << 20  # bytes: a larger value is the same only when it is stored as the same bytes


class Left(Struct, frozen=True):
    """An artifact that a spin left, beside the one that its origin left."""

    name: str
    artifact: Artifact
    verdict: str  # "same", "differs" or "new"


class Spun(Struct, frozen=True):
    """What became of a spin."""

    task: TaskId
    state: State
    origin: TaskId
    home: str  # where it is recorded
    persisted: bool
    left: tuple[Left, ...] = ()
    missing: tuple[str, ...] = ()  # what the origin left, and the spin did not
    chosen: tuple[str, ...] = ()  # where a step that chooses goes on, now and in the origin


def spin_flow(flow: type[FlowSpec], options: SpinOptions, observers: Sequence[Observer] = ()) -> Spun:
    """Run one step. Raises the errors of the input; a failure of the step is in the outcome."""
    return _Spin(flow, options, observers).go()


class _Spin:
    """One spin from its options to its outcome."""

    def __init__(self, flow: type[FlowSpec], options: SpinOptions, observers: Sequence[Observer]) -> None:
        self.flow = flow
        self.options = options
        self.observers = observers
        self.settings = settings_of.load()
        self.overrides = load_overrides(options.artifacts_module)
        self.step = ""  # until it is known which
        self.variables: tuple[str | None, ...] = ()  # of its @catch
        self.desk: Desk | None = None

    def go(self) -> Spun:
        """Find the task, let go of the database, fork, and open it again: a database must not cross a fork."""
        prepare_home(self.settings.home)
        home = open_workspace(self.settings)
        past = find_past(home, self.options.pathspec, self.flow.__name__)
        home.metadata.close()
        configure_as_recorded(self.flow, past.run.constants, home.artifacts)
        self.plan = self._adapted(read_plan(self.flow), past)
        run_options = RunOptions(max_workers=1, isolation=self.options.isolation)
        backend = backends.choose(self.flow, self.plan, run_options, self.settings)
        try:
            backend.compute_boot()
            where = home if self.options.persist else spin_area.open_area(self.settings)
            self.desk = self._open_desk(where)
            context = self._begin(home, where, past)
            state = self._see_through(home, where, past, context, backend)
        finally:
            backend.compute.close()
            if self.desk is not None:
                self.desk.close()
        spun = self._outcome(home, where, past, context.run, state)
        if not self.options.persist:
            spin_area.forget_old(where)
        return spun

    def _adapted(self, plan: Plan, past: Past) -> Plan:
        """The plan with the step as it is spun. Raises UnknownStep, CannotSpin, InvalidDeclaration."""
        step = plan.step(past.task.id.step)
        if any(isinstance(declaration, Parallel) for declaration in step.declarations):
            raise CannotSpin(
                step=step.name,
                problem="it is a gang (@parallel): its tasks need each other, and spin runs one",
                hint="run the flow with num_parallel=1, or `resume` from this step",
                where=step.where,
            )
        self.step = step.name
        self.variables = tuple(d.var for d in step.declarations if isinstance(d, Catch))
        kept = tuple(d for d in step.declarations if isinstance(d, Isolation) or not self._left_out(d))
        spun = msgspec.structs.replace(step, declarations=kept)
        check_declarations(msgspec.structs.replace(plan, steps=(spun,)), backends.chain())
        steps = tuple(spun if one.name == step.name else one for one in plan.steps)
        return msgspec.structs.replace(plan, steps=steps)

    def _left_out(self, declaration: object) -> bool:
        return self.options.skip_decorators or isinstance(declaration, LEFT_OUT)

    def _open_desk(self, where: Workspace) -> Desk | None:
        desk = Desk.open(where.home / "tmp")
        if desk is None and self.options.post_mortem:
            raise NoTerminal(what="--pdb")
        return desk

    # --- what it starts from ---------------------------------------------------------------------------------

    def _begin(self, home: Workspace, where: Workspace, past: Past) -> RunContext:
        """Record a run for the one task; what the origin's run started from, it starts from."""
        constants, texts = self._constants(home, past)
        mark = (SPUN,) if self.options.persist else ()
        project = branch_for(self.plan, self.settings, None, None)
        run = where.metadata.begin_run(
            NewRun(
                flow=self.plan.flow,
                user=self.settings.user,
                created=clock.now(),
                namespace=f"user:{self.settings.user}",
                tags=tuple(dict.fromkeys(("spin", *self.options.tags))),
                system_tags=(*system_tags(self.settings.user, project), *mark),
                parameters=texts,
                plan=msgspec.msgpack.encode(self.plan.public()),
                constants=constants,
                origin=past.run.id,
            )
        )
        return RunContext(
            run=run,
            plan=self.plan,
            user=self.settings.user,
            namespace=self.options.namespace or self.settings.namespace or f"user:{self.settings.user}",
            tags=("spin", *self.options.tags),
            constants=constants,
            home=str(where.home),
            origin=past.run.id,
            apart=not self.options.persist,
            terminal=self.desk.address if self.desk is not None else "",
            post_mortem=self.options.post_mortem,
            check_types=self.settings.check_types,
            project=project,
            breaks=self.options.breaks,
            store=self.settings.place,
        )

    def _constants(self, home: Workspace, past: Past) -> tuple[bytes, dict[str, str]]:
        """The origin's parameters and the present constants, as a manifest; the parameters also as texts."""
        shape = self.flow.__flagstone__
        before = decode_manifest(past.run.constants).artifacts
        mine = {name: value for name, value in self.overrides.items() if name in shape.parameters}
        there = Before(before, past.run.parameters)
        given = given_values(self.flow, RunOptions(parameters=mine), self.settings.user, there)
        configs = shape.config_values or {}
        values = {**given.new, **{name: value for name, value in configs.items() if name not in before}}
        kept = {**given.kept, **{name: before[name] for name in configs if name in before}}
        saved = home.artifacts.save({**shape.constants, **values}, inherited=kept, loaded={})
        for failure in saved.failures:
            if failure.fields.get("name") in values:
                raise failure
        manifest = home.artifacts.read_manifest(saved.blob) if saved.blob is not None else saved.manifest
        return manifest, given.texts

    def _inputs(self, home: Workspace, past: Past) -> Iterator[JobInput]:
        """The inputs of the past task, with the artifacts that replace theirs."""
        own = {name: value for name, value in self.overrides.items() if name not in self.flow.__flagstone__.parameters}
        if not own:
            yield from inputs_of(home, past)
            return
        saved = home.artifacts.save(own, inherited={}, loaded={})
        for failure in saved.failures:
            raise failure
        data = home.artifacts.read_manifest(saved.blob) if saved.blob is not None else saved.manifest
        instead = decode_manifest(data).artifacts
        found = False
        for given in inputs_of(home, past):
            found = True
            both = {**decode_manifest(given.manifest).artifacts, **instead}
            yield JobInput(given.step, given.number, encode_manifest(Manifest(both)))
        if not found and not self.plan.step(self.step).joins:
            yield JobInput("", 0, encode_manifest(Manifest(instead)))

    # --- the run ---------------------------------------------------------------------------------------------

    def _see_through(
        self, home: Workspace, where: Workspace, past: Past, context: RunContext, backend: Backend
    ) -> State:
        run = context.run
        recorder = Recorder(where.metadata, run)
        emit = Broadcast([recorder, *self.observers])
        scratch = private_directory(where.home / "tmp" / f"{run.flow}.{run.number}")
        try:
            emit(self._started(context, past, backend))
            launcher = OneJob(run, self.plan, where.metadata, home.artifacts, scratch)
            launcher.inputs = tuple(self._inputs(home, past))
            parts = Parts(
                scheduler=OneTask(self.plan, place_of(home, past), Claim(places=1.0)),
                admission=Admission(msgspec.structs.replace(self.plan, steps=()), backend.machine, lambda _: 1),
                launcher=launcher,
                compute=backend.compute,
                recorder=recorder,
                emit=emit,
                log_tail=LogTail(run, where.logs, emit, stream=True),
                artifacts=home.artifacts,
                trying=Trying(self.plan),
                desk=self.desk,
            )
            backend.compute.start(context)
            return Loop(run, Policy(), parts).run()
        except BaseException as error:
            self._give_up(recorder, run, error)
            raise
        finally:
            emit.close()
            for left in scratch.iterdir():
                left.unlink(missing_ok=True)
            scratch.rmdir()

    def _started(self, context: RunContext, past: Past, backend: Backend) -> RunStarted:
        return RunStarted(
            time=clock.now(),
            run=context.run,
            plan=self.plan,
            parameters=past.run.parameters,
            tags=context.tags,
            user=context.user,
            origin=context.origin,
            workers=1,
            isolation=backend.isolation,
        )

    def _give_up(self, recorder: Recorder, run: RunId, error: BaseException) -> None:
        reason = str(error) or type(error).__name__
        try:
            recorder.on(RunEnded(time=clock.now(), run=run, state=State.FAILED, reason=reason[:500]))
        except FlagstoneError:
            recorder.abandon()  # the store is why we give up: the run is seen as lost when this process ends

    # --- what it left ----------------------------------------------------------------------------------------

    def _outcome(self, home: Workspace, where: Workspace, past: Past, run: RunId, state: State) -> Spun:
        task = next(where.metadata.tasks(run, TaskQuery(with_manifests=True)), None)
        spun = Spun(TaskId(run, self.step, 1), state, past.task.id, str(where.home), self.options.persist)
        if task is None:
            return spun
        now, before = _artifacts(where, task), _artifacts(home, past.task)
        given = _given(home, past)
        left = tuple(
            Left(name, decode_artifact(raw), self._verdict(home, raw, before.get(name)))
            for name, raw in sorted(now.items())
            if not (name in given and _same(given[name], raw)) and not name.startswith("_")
        )
        missing = set(before) - set(now) - self._caught()
        chosen = (*task.targets, *past.task.targets) if self._chooses() and task.targets else ()
        return msgspec.structs.replace(spun, left=left, missing=tuple(sorted(missing)), chosen=chosen)

    def _chooses(self) -> bool:
        return self.plan.step(self.step).transition is Transition.SWITCH

    def _caught(self) -> set[str]:
        """The artifact that @catch, which a spin leaves out, would have left."""
        return {var for var in self.variables if var is not None}

    def _verdict(self, home: Workspace, now: Raw, before: Raw | None) -> str:
        if before is None:
            return "new"
        one, other = decode_artifact(now), decode_artifact(before)
        if one.digest == other.digest:
            return "same"
        if max(one.size, other.size) > COMPARED:
            return "differs"
        try:
            return "same" if home.artifacts.same_value(one, other) else "differs"
        except FlagstoneError:  # the origin's value cannot be read here
            return "differs"


def _artifacts(workspace: Workspace, task: TaskRecord) -> Mapping[str, Raw]:
    if not task.manifest and not task.manifest_digest:
        return {}
    return decode_manifest(manifest_of(task, workspace.artifacts)).artifacts


def _same(one: Raw, other: Raw) -> bool:
    """Whether two artifacts are the same one; where it lies may differ."""
    return one == other or decode_artifact(one).digest == decode_artifact(other).digest


def _given(home: Workspace, past: Past) -> Mapping[str, Raw]:
    """What the task inherited; a join inherits nothing."""
    if past.plan.step(past.task.id.step).joins:
        return {}
    return next((decode_manifest(given.manifest).artifacts for given in inputs_of(home, past)), {})
