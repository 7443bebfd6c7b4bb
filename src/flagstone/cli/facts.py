"""Recorded runs, tasks and artifacts as plain facts: what `--json` gives, and what tables are made of."""

import json
import time
from typing import Any

from flagstone.kit import clock, text
from flagstone.model.artifacts import Artifact
from flagstone.model.records import RunRecord, TaskRecord


def run_facts(run: RunRecord) -> dict[str, Any]:
    """A run; times are ISO 8601 in UTC, lengths in seconds."""
    return {
        "run": str(run.id),
        "status": str(run.state),
        "user": run.user,
        "created_at": iso(run.created),
        "finished_at": iso(run.finished),
        "seconds": seconds(run.created, run.finished),
        "namespace": run.namespace,
        "parameters": {name: json.loads(value) for name, value in run.parameters.items()},
        "tags": sorted(run.tags),
        "system_tags": sorted(run.system_tags),
        "origin": str(run.origin) if run.origin else None,
        "reason": run.reason,
    }


def tag_facts(run: RunRecord, *, hide_system: bool) -> dict[str, Any]:
    """A run with its tags alone."""
    system = [] if hide_system else sorted(run.system_tags)
    return {"run": str(run.id), "tags": sorted(run.tags), "system_tags": system}


def task_facts(task: TaskRecord) -> dict[str, Any]:
    """A task, as its newest attempt."""
    failure = task.failure
    return {
        "task": str(task.id),
        "attempt": task.attempt,
        "status": str(task.state),
        "index": list(task.path),
        "laps": list(task.laps),
        "label": task.label,
        "started_at": iso(task.started),
        "finished_at": iso(task.finished),
        "seconds": seconds(task.started, task.finished),
        "cpu_seconds": task.usage.cpu_seconds,
        "peak_memory": task.usage.peak_memory,
        "origin": f"{task.origin}/{task.id.step}/{task.origin_number}" if task.origin else None,
        "exception": None
        if failure is None
        else {"type": failure.type, "message": failure.message, "traceback": failure.traceback, "hint": failure.hint},
    }


def artifact_facts(name: str, artifact: Artifact) -> dict[str, Any]:
    """An artifact, without its value."""
    return {
        "name": name,
        "type": artifact.type,
        "size": artifact.size,
        "preview": artifact.preview,
        "digest": artifact.digest.hex(),
    }


def seconds(start: float, end: float | None) -> float | None:
    """How long something took; None while it goes on."""
    return None if end is None else round(end - start, 3)


def iso(when: float | None) -> str | None:
    """A time as machines read it."""
    return None if when is None else clock.to_datetime(when).isoformat()


def local(when: float | None) -> str:
    """A time as people read it, where they are."""
    return "" if when is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(when))


def took(start: float, end: float | None) -> str:
    """A length of time as people read it; nothing while it goes on."""
    return "" if end is None else text.duration(max(0.0, end - start))


def brief(parameters: dict[str, str]) -> str:
    """Parameters in one short cell: `alpha=2 kind="x"`."""
    cell = " ".join(f"{name}={value}" for name, value in parameters.items())
    return cell if len(cell) <= 60 else cell[:59] + "…"
