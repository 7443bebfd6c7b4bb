"""What `show` shows at each level of a pathspec. Reads records and previews only: nothing is unpickled."""

from itertools import islice
from typing import Any

from flagstone.app.workspace import Workspace
from flagstone.cli.facts import artifact_facts, iso, local, run_facts, seconds, task_facts, took
from flagstone.cli.finding import find_attempts, find_run, find_tasks, manifest_of, missing, plan_of
from flagstone.cli.output import note, printable, say, say_json, say_table
from flagstone.engine.observers.ending import one_line
from flagstone.kit import text
from flagstone.model.artifacts import Artifact, decode_artifact, decode_manifest
from flagstone.model.attempts import Retry
from flagstone.model.ids import Pathspec
from flagstone.model.records import RunQuery, RunRecord, TaskQuery, TaskRecord
from flagstone.model.states import State

Counts = dict[str, dict[str, float]]

FIRST = 50  # tasks or failures shown unless all are asked for
BAD = (State.FAILED, State.LOST)


def show(workspace: Workspace, path: Pathspec, *, everything: bool, as_json: bool, attempt: int | None = None) -> None:
    """Show what `path` names. Raises NotFound, UnknownStep."""
    most = None if everything else FIRST
    if path.run is None:
        _flow(workspace, path.flow, most, as_json)
        return
    run = find_run(workspace, path)
    if path.step is None:
        _run(workspace, run, most, as_json)
    elif path.task is None:
        _step(workspace, run, path, most, as_json)
    else:
        task = next(find_attempts(workspace, run, path, attempt, with_manifests=True))
        if path.artifact is None:
            _task(workspace, run, task, as_json)
        else:
            _artifact(workspace, run, task, path.artifact, as_json)


def _flow(workspace: Workspace, flow: str, most: int | None, as_json: bool) -> None:
    runs = workspace.metadata.runs(RunQuery(flow=flow, limit=most))
    if not runs:
        raise missing(workspace, f"a run of {flow}")
    if as_json:
        say_json({"flow": flow, "runs": [run_facts(run) for run in runs]})
        return
    rows = (
        (str(run.id), str(run.state), local(run.created), took(run.created, run.finished), run.user) for run in runs
    )
    say_table(("RUN", "STATUS", "STARTED", "TOOK", "USER"), rows)


# --- a run -----------------------------------------------------------------------------------------------------


def _run(workspace: Workspace, run: RunRecord, most: int | None, as_json: bool) -> None:
    counts = _in_order(workspace, run, workspace.metadata.count_tasks(run.id))
    failures = list(workspace.metadata.tasks(run.id, TaskQuery(states=BAD, limit=most)))
    configs = _configs(workspace, run)
    if as_json:
        steps = [{"step": name, **_step_facts(found), "taken": _has_tasks(found)} for name, found in counts.items()]
        say_json(
            run_facts(run) | {"configs": configs, "steps": steps, "failures": [task_facts(task) for task in failures]}
        )
        return
    say(f"{run.id}  {run.state}")
    _pairs(
        {
            "started": f"{local(run.created)} by {run.user}",
            "took": took(run.created, run.finished),
            "resumes": str(run.origin) if run.origin else "",
            "reason": run.reason,
            "tags": " ".join(sorted(run.tags)),
            "parameters": "  ".join(f"{name}={value}" for name, value in run.parameters.items()),
            "configs": "  ".join(f"{name}={value}" for name, value in configs.items()),
        }
    )
    if counts:
        say()
        rows = ((name, *_step_cells(run, found)) for name, found in counts.items())
        say_table(("STEP", "TASKS", "DONE", "RUNNING", "FAILED", "TOOK"), rows)
    if failures:
        say()
        waits = _Waits(workspace, run)
        rows = ((str(task.id), task.label, f"{one_line(task.failure)}{waits.words(task)}") for task in failures)
        say_table(("FAILED TASK", "ITEM", "WHY"), rows)
    if run.state in (*BAD, State.CANCELLED):
        say()
        say("resume it with `python flow.py resume`: what succeeded is not run again")


def _configs(workspace: Workspace, run: RunRecord) -> dict[str, str]:
    """The configs of a run by attribute, each as the short text that was written about it when the run began."""
    plan = plan_of(workspace, run)
    stored = decode_manifest(run.constants).artifacts if run.constants else {}
    names = [config.attribute for config in plan.configs] if plan is not None else []
    return {name: decode_artifact(stored[name]).preview for name in names if name in stored}


def _in_order(workspace: Workspace, run: RunRecord, counts: Counts) -> Counts:
    """The steps in the order of the plan, which is not the one in which they came up.

    Once the run is over also those that it did not come to, with nothing counted.
    """
    plan = plan_of(workspace, run)
    names = [step.name for step in plan.steps] if plan is not None else list(counts)
    return {name: counts.get(name, {}) for name in names if name in counts or run.state.finished}


def _has_tasks(found: dict[str, float]) -> bool:
    return any(found.get(state) for state in State)


def _why_absent(run: RunRecord, found: dict[str, float]) -> str:
    """What is said of a step without tasks once the run is over: a switch led past it, or the run ended before.

    Inside a foreach over nothing, tasks were expected: none.
    """
    if run.state is not State.SUCCEEDED:
        return "not reached"
    return "no items" if "expected" in found else "not taken"


def _step_facts(found: dict[str, float]) -> dict[str, Any]:
    states = {str(state): int(found[state]) for state in State if state in found}
    facts: dict[str, Any] = {"tasks": max(int(found.get("expected", 0)), sum(states.values())), **states}
    if "started" in found and "finished" in found:
        facts["seconds"] = seconds(found["started"], found["finished"])
    return facts


def _step_cells(run: RunRecord, found: dict[str, float]) -> tuple[str, ...]:
    if run.state.finished and not _has_tasks(found):
        return "", "", "", "", _why_absent(run, found)
    facts = _step_facts(found)
    bad = sum(facts.get(state, 0) for state in BAD)
    return (
        f"{facts['tasks']:,}",
        f"{facts.get('succeeded', 0):,}",
        f"{facts['running']:,}" if facts.get("running") else "",
        f"{bad:,}" if bad else "",
        text.duration(facts["seconds"]) if "seconds" in facts else "",
    )


# --- a step, a task, an artifact -------------------------------------------------------------------------------


def _step(workspace: Workspace, run: RunRecord, path: Pathspec, most: int | None, as_json: bool) -> None:
    tasks = find_tasks(workspace, run, path, TaskQuery(limit=None if most is None else most + 1))
    if as_json:
        say_json([task_facts(task) for task in tasks])
        return
    waits = _Waits(workspace, run)
    first = next(tasks, None)
    if first is None:
        found = workspace.metadata.count_tasks(run.id).get(path.step or "", {})
        say(f"{run.id}/{path.step} has no tasks{f': {_why_absent(run, found)}' if run.state.finished else ' yet'}")
        return

    def rows() -> Any:
        yield _task_cells(first, waits)
        yield from (_task_cells(task, waits) for task in islice(tasks, None if most is None else most - 1))

    say_table(("TASK", "STATUS", "STARTED", "TOOK", "ITEM", "WHY"), rows())
    if next(tasks, None) is not None:
        note("there are more: --all shows them")


class _Waits:
    """When tasks of a run that is under way are tried again: what their steps declare says it."""

    def __init__(self, workspace: Workspace, run: RunRecord) -> None:
        self._plan = None if run.state.finished else plan_of(workspace, run)

    def until(self, task: TaskRecord) -> float | None:
        """The moment of its next attempt; None when there is none."""
        if self._plan is None or task.state not in BAD or task.finished is None:
            return None
        retry = self._plan.step(task.id.step).declared(Retry)
        pause = retry.pause(task.attempt, task.failure.kinds if task.failure else ()) if retry is not None else None
        return None if pause is None else task.finished + pause

    def words(self, task: TaskRecord) -> str:
        """As the end of a line."""
        until = self.until(task)
        return "" if until is None else f"; it will be tried again at {local(until)}"


def _task_cells(task: TaskRecord, waits: _Waits | None = None) -> tuple[str, ...]:
    state = f"{task.state}, attempt {task.attempt}" if task.attempt else str(task.state)
    why = _why(task) + (waits.words(task) if waits is not None else "")
    return str(task.id), state, local(task.started), took(task.started, task.finished), _item(task), why


def _item(task: TaskRecord) -> str:
    """What tells a task from the others of its step: its element, and in a loop the lap, counted from 1."""
    lap = f"lap {task.laps[-1] + 1}" if task.laps else ""
    return ", ".join(part for part in (task.label, lap) if part)


def _why(task: TaskRecord) -> str:
    return one_line(task.failure) if task.failure else f"taken over from {task.origin}" if task.origin else ""


def _task(workspace: Workspace, run: RunRecord, task: TaskRecord, as_json: bool) -> None:
    artifacts = _own_artifacts(workspace, task)
    query = TaskQuery(numbers=(task.id.number,), every_attempt=True)
    attempts = list(workspace.metadata.tasks(run.id, query))
    until = _Waits(workspace, run).until(task) if attempts and task.attempt == attempts[-1].attempt else None
    if as_json:
        listed = [artifact_facts(name, artifact) for name, artifact in artifacts.items()]
        again = {"next_attempt_at": None if until is None else iso(until)}
        say_json(task_facts(task) | again | {"artifacts": listed, "attempts": list(map(task_facts, attempts))})
        return
    usage = task.usage
    say(f"{task.id}  {task.state}")
    _pairs(
        {
            "started": local(task.started),
            "took": took(task.started, task.finished),
            "item": _item(task),
            "index": ", ".join(map(str, task.path)),
            "attempt": str(task.attempt) if task.attempt else "",
            "tried again": f"at {local(until)}" if until is not None else "",
            "taken over": f"from {task.origin}/{task.id.step}/{task.origin_number}" if task.origin else "",
            "processor": f"{usage.cpu_seconds:.2f} s" if usage.cpu_seconds else "",
            "memory": text.size(usage.peak_memory) if usage.peak_memory else "",
            "output": _output_sizes(workspace, run, task),
        }
    )
    if len(attempts) > 1:
        say()
        rows = ((str(one.attempt), *_task_cells(one)[2:4], str(one.state), _why(one)) for one in attempts)
        say_table(("ATTEMPT", "STARTED", "TOOK", "STATUS", "WHY"), rows)
    if artifacts:
        say()
        rows = ((name, item.type, text.size(item.size), item.preview) for name, item in artifacts.items())
        say_table(("ARTIFACT", "TYPE", "SIZE", "PREVIEW"), rows)
    if task.failure is not None:
        say()
        say(task.failure.traceback.rstrip("\n") if task.failure.traceback else one_line(task.failure))
        if task.failure.hint:
            say(f"  {task.failure.hint}")


def _own_artifacts(workspace: Workspace, task: TaskRecord) -> dict[str, Artifact]:
    raws = manifest_of(workspace, task).artifacts
    return {name: decode_artifact(raws[name]) for name in sorted(raws) if not name.startswith("_")}


def _output_sizes(workspace: Workspace, run: RunRecord, task: TaskRecord) -> str:
    if task.log is None:
        return ""
    owner = task.origin or run.id
    sizes = {stream: workspace.logs.size(owner, task.log, stream) for stream in ("stdout", "stderr")}
    parts = [f"{text.size(size)} of {stream}" for stream, size in sizes.items() if size]
    scrubbed = any(workspace.logs.scrubbed(owner, task.log, stream) for stream in sizes)
    words = f"{text.listed(parts)}{' (scrubbed)' if scrubbed else ''}"
    return f"{words}: flagstone logs {task.id}" if parts else "none"


def _artifact(workspace: Workspace, run: RunRecord, task: TaskRecord, name: str, as_json: bool) -> None:
    raw = manifest_of(workspace, task).artifacts.get(name)
    if raw is None:
        raw = decode_manifest(run.constants).artifacts.get(name)
    if raw is None:
        raise missing(workspace, f"artifact {task.id}/{name}", f"`flagstone show {task.id}` lists")
    artifact = decode_artifact(raw)
    if as_json:
        say_json(artifact_facts(name, artifact))
        return
    say(f"{task.id}/{name}")
    _pairs(
        {
            "type": artifact.type,
            "size": text.size(artifact.size),
            "digest": artifact.digest.hex(),
            "preview": artifact.preview,
        }
    )


def _pairs(pairs: dict[str, str]) -> None:
    """Names and values, one a line; what is empty is left out."""
    width = max(len(name) for name in pairs)
    for name, value in pairs.items():
        if value:
            say(f"  {name:<{width}}  {printable(value)}")
