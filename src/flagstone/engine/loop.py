"""The one loop: waits for the compute back end, tells the scheduler what happened, does what it commands."""

import selectors
import signal

from msgspec import Struct

from flagstone.engine.claims import Admission
from flagstone.engine.launcher import Launcher
from flagstone.engine.log_tail import LogTail
from flagstone.engine.observers.broadcast import Broadcast
from flagstone.engine.observers.recorder import Recorder
from flagstone.engine.outcome import gang_broken, impossible_gang, judge, too_many
from flagstone.engine.prompt.desk import Desk
from flagstone.engine.resume import Resume
from flagstone.engine.scheduler import Scheduler, StartTask
from flagstone.engine.signals import Signals
from flagstone.engine.stopping import GRACE, Stopping
from flagstone.engine.trying import Trying
from flagstone.kit import clock, text
from flagstone.kit.digest import digest_of
from flagstone.model.artifacts import Split
from flagstone.model.events import Notice, PromptClosed, PromptOpened, RunEnded, TaskEnded, TasksExpected, TaskStarted
from flagstone.model.ids import RunId
from flagstone.model.jobs import Ended, Failure, Job, Started
from flagstone.model.plan import Transition
from flagstone.model.records import TaskRecord
from flagstone.model.states import State
from flagstone.ports.artifact_store import ArtifactStore
from flagstone.ports.compute import Compute

TICK = 0.05  # seconds between looks at logs and displays
TOLD = 1.0  # seconds: a pause before a new attempt that is as long is told


class Policy(Struct, frozen=True, kw_only=True):
    """How a run behaves."""

    max_num_splits: int = 100_000


class Parts(Struct, frozen=True, kw_only=True):
    """What the loop is given to work with."""

    scheduler: Scheduler
    admission: Admission
    launcher: Launcher
    compute: Compute
    recorder: Recorder
    emit: Broadcast
    log_tail: LogTail | None
    artifacts: ArtifactStore
    trying: Trying
    resume: Resume | None = None
    desk: Desk | None = None


class Loop:
    """One run, from its first task to its last."""

    def __init__(self, run: RunId, policy: Policy, parts: Parts) -> None:
        self._run = run
        self._policy = policy
        self._parts = parts
        self._scheduler = parts.scheduler
        self._compute = parts.compute
        self._emit = parts.emit
        self._desk = parts.desk
        if parts.desk is not None:
            parts.desk.announce = self._at_desk
        self._jobs: dict[int, tuple[StartTask, Job, float]] = {}
        self._started: set[int] = set()  # tasks that are known to run
        self._notices: set[str] = set()
        self._interrupts = 0
        self._trying = parts.trying
        self._stopping = Stopping(parts.compute)
        self._ticked = 0.0

    # --- the loop --------------------------------------------------------------------------------------------

    def run(self) -> State:
        """Run until nothing is left to do; returns the state of the run, which is recorded by then."""
        with selectors.DefaultSelector() as selector, Signals(self._interrupt):
            for number in (*self._compute.filenos(), *(self._desk.filenos() if self._desk is not None else ())):
                selector.register(number, selectors.EVENT_READ)
            while not self._scheduler.state.finished or self._behind():
                self._start_tasks()
                self._say_expected()
                waiting = bool(self._compute.filenos()) or not self._jobs  # without descriptors, collecting is running
                if waiting and not self._scheduler.state.finished:
                    selector.select(self._pause())
                for event in self._compute.collect():
                    self._handle(event)
                if self._desk is not None:
                    self._desk.attend(self._started)
                self._tick()
        state = self._scheduler.state
        self._emit(RunEnded(time=clock.now(), run=self._run, state=state))
        return state

    def _behind(self) -> bool:
        return self._parts.log_tail is not None and self._parts.log_tail.is_behind()

    def _pause(self) -> float:
        """How long to wait: not at all while output is behind, else until the next tick."""
        return 0.0 if self._behind() and not self._at_prompt() else TICK / 2

    def _at_prompt(self) -> bool:
        """Whether a task has the terminal: displays stay away from it."""
        return self._desk is not None and self._desk.lent

    def _tick(self) -> None:
        now = clock.monotonic()
        self._parts.recorder.tick()
        if now - self._ticked < TICK and not self._behind():
            return
        self._ticked = now
        if not self._at_prompt():
            self._show()
        self._stopping.tick()
        for number, failure in self._trying.overdue(self._desk.visitors if self._desk is not None else ()):
            self._stopping.kill([number], (State.FAILED, failure))

    def _show(self) -> None:
        """Pass on what tasks printed, and let the displays draw."""
        if self._parts.log_tail is not None:
            self._parts.log_tail.tick()
        self._emit.tick()

    def _at_desk(self, event: PromptOpened | PromptClosed) -> None:
        """A task is about to get the terminal, or has given it back."""
        if isinstance(event, PromptOpened):
            self._show()
        else:
            self._trying.extend(event.number, event.seconds)
        self._emit(event)

    # --- starting --------------------------------------------------------------------------------------------

    def _start_tasks(self) -> None:
        """Give the compute back end as much as it takes; clones need no place there, so they may lead to more."""
        for numbers in self._trying.due():
            self._scheduler.try_again(numbers)
        self._scheduler.reclaim(self._parts.admission.changed())
        jobs: list[Job] = []
        while commands := self._scheduler.start():
            for command in commands:
                taken = self._parts.resume and self._parts.resume.taken(command.step, command.path, command.laps)
                if taken:
                    self._clone(command, taken)
                else:
                    jobs.append(self._job(command))
        if jobs:
            self._compute.launch(jobs)

    def _job(self, command: StartTask) -> Job:
        if command.parents and self._parts.launcher.needs_recorded(command):
            self._parts.recorder.flush()
        job = self._parts.launcher.job(command, self._trying.caught(command.number))
        self._jobs[command.number] = (command, job, clock.now())
        return job

    def _clone(self, command: StartTask, record: TaskRecord) -> None:
        """Take a task over from another run: one event, and no process."""
        self._parts.launcher.keep(command.number, command.step, record.manifest, record.targets, record.split)
        self._scheduler.succeeded(command.number, record.targets, record.split)
        self._emit(
            TaskEnded(
                time=record.finished or clock.now(),
                step=command.step,
                number=command.number,
                attempt=record.attempt,
                path=command.path,
                state=State.SUCCEEDED,
                started=record.started,
                manifest=b"",
                manifest_digest=record.manifest_digest,
                targets=record.targets,
                split=record.split,
                label=record.label,
                reads=record.reads,
                failure=None,
                log=record.log,
                stamps=record.stamps,
                usage=record.usage,
                origin=record.origin or record.id.run,
                origin_number=record.origin_number or record.id.number,
                laps=command.laps,
            )
        )

    def _say_expected(self) -> None:
        for step, count in self._scheduler.take_expected().items():
            self._emit(TasksExpected(time=clock.now(), step=step, count=count))

    # --- what happened ---------------------------------------------------------------------------------------

    def _handle(self, event: Started | Ended) -> None:
        command, job, _ = self._jobs[event.number]
        if isinstance(event, Started):
            self._jobs[event.number] = (command, job, event.time)
            self._started.add(event.number)
            self._trying.begun(event.number, command.step)
            if event.log is not None and self._parts.log_tail is not None:
                self._parts.log_tail.begin(command.step, command.number, event.log)
            self._emit(
                TaskStarted(
                    time=event.time,
                    step=command.step,
                    number=command.number,
                    attempt=event.attempt,
                    path=command.path,
                    pid=event.pid,
                    log=event.log,
                    laps=command.laps,
                )
            )
            return
        self._ended(event)

    def _ended(self, event: Ended) -> None:
        command, job, started = self._jobs.pop(event.number)
        self._started.discard(event.number)
        if job.spilled is not None:
            self._parts.launcher.release(command.number)
        state, failure = self._verdict(event, command)
        report = event.report
        split = report.split if report is not None else None
        manifest, digest = self._manifest(event)
        stamps = b""
        if event.log is not None and self._parts.log_tail is not None:
            stamps = self._parts.log_tail.end(command.number, event.log)
        if state is State.SUCCEEDED and report is not None:
            self._parts.launcher.keep(command.number, command.step, manifest, report.targets, split)
            self._scheduler.succeeded(command.number, report.targets, split)
            again = False
        else:
            again = self._ended_badly(command, state, failure, vanished=report is None)
        self._say_notices(event)
        self._emit(
            TaskEnded(
                time=report.finished if report is not None else clock.now(),
                step=command.step,
                number=command.number,
                attempt=event.attempt,
                path=command.path,
                state=state,
                started=report.started if report is not None else started,
                manifest=manifest if report is None or report.manifest_blob is None else b"",
                manifest_digest=digest,
                targets=report.targets if report is not None and state is State.SUCCEEDED else (),
                split=split if state is State.SUCCEEDED else None,
                label=report.label if report is not None else "",
                reads=report.reads if report is not None else (),
                failure=failure,
                log=event.log,
                stamps=stamps,
                usage=event.usage,
                will_retry=again,
                laps=command.laps,
            )
        )
        self._put_aside()

    def _verdict(self, event: Ended, command: StartTask) -> tuple[State, Failure | None]:
        """The state of an attempt, and why: what its end says, unless it was stopped or may not go on like this."""
        self._trying.ended(event.number)
        stopped = self._stopping.ended(event.number)
        if stopped is not None and event.report is None:
            return stopped
        state, failure = judge(event, cancelling=self._interrupts > 0)
        split = event.report.split if event.report is not None else None
        if state is State.SUCCEEDED and split is not None:
            failure = self._refused(command.step, split)
        return (State.FAILED if failure is not None and state is State.SUCCEEDED else state), failure

    def _ended_badly(self, command: StartTask, state: State, failure: Failure | None, *, vanished: bool) -> bool:
        """Tell the scheduler, and end the rest of a gang; returns whether the task is tried again."""
        number, step = command.number, command.step
        again = (
            state in (State.FAILED, State.LOST)
            and failure is not None
            and not self._interrupts
            and self._trying.again(number, step, command.attempt, failure, vanished=vanished)
        )
        comrades = self._scheduler.comrades(number)
        again = self._scheduler.ended_badly(number, state, again=again)
        if comrades and not self._interrupts:
            self._stopping.ask(comrades, (State.CANCELLED, gang_broken(f"{self._run}/{step}/{number}", command)))
        return again

    def _put_aside(self) -> None:
        aside = self._scheduler.take_aside()
        if aside:
            pause = self._trying.put_aside(aside)
            if pause >= TOLD:
                what = f"{text.plural(len(aside), 'task')} of {self._scheduler.step_of(aside[0])}"
                words = f"{what} will be tried again in {text.duration(pause)}"
                self._emit(Notice(time=clock.now(), text=words))

    def _refused(self, step: str, split: Split) -> Failure | None:
        """Why a split cannot be had, if it cannot."""
        plan_step = self._scheduler.step_called(step)
        if plan_step.transition is Transition.PARALLEL:
            target = plan_step.next[0]
            lacking = self._scheduler.impossible_gang(target, split.count) or self._parts.admission.crowd(split.count)
            return None if lacking is None else impossible_gang(target, split.count, lacking)
        if split.count > self._policy.max_num_splits:
            return too_many(step, split, self._policy.max_num_splits)
        return None

    def _manifest(self, event: Ended) -> tuple[bytes, bytes]:
        """The manifest of an attempt and its digest; empty for one that vanished."""
        report = event.report
        if report is None:
            return b"", b""
        if report.manifest_blob is not None:
            return self._parts.artifacts.read_manifest(report.manifest_blob), report.manifest_blob.digest
        return report.manifest, digest_of(report.manifest)

    def _say_notices(self, event: Ended) -> None:
        for words in event.report.notices if event.report is not None else ():
            if words not in self._notices:
                self._notices.add(words)
                self._emit(Notice(time=clock.now(), text=words, level="warning"))

    # --- stopping --------------------------------------------------------------------------------------------

    def _interrupt(self, number: int) -> None:
        """Ctrl-C or SIGTERM: the first asks tasks to stop, the second makes them; Ctrl-C at a prompt is the task's."""
        if number == signal.SIGINT and self._desk is not None and self._desk.interrupt():
            return
        self._interrupts += 1
        if self._interrupts == 1:
            self._scheduler.cancel()
            if self._jobs:
                words = f"stopping: tasks have {GRACE:.0f} seconds to end; press Ctrl-C again to stop them at once"
                self._emit(Notice(time=clock.now(), text=words, level="warning"))
            self._stopping.ask(list(self._jobs))
        else:
            self._stopping.kill(list(self._jobs))
