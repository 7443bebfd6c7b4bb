"""Rows and records: the columns of `select_runs` and `select_tasks` in their order, and what they mean."""

import msgspec

from flagstone.metadata.batch import TaskDetail, TaskWrite, record
from flagstone.metadata.database import Row, Values
from flagstone.metadata.selection import path_of
from flagstone.model.ids import RunId
from flagstone.model.plan import Plan
from flagstone.model.records import NewRun, RunRecord, TaskRecord
from flagstone.model.states import State

_encode = msgspec.msgpack.Encoder().encode
_texts = msgspec.msgpack.Decoder(tuple[str, ...]).decode
_mapping = msgspec.msgpack.Decoder(dict[str, str]).decode
_detail = msgspec.msgpack.Decoder(TaskDetail).decode
_states = {state.value: state for state in State}


def plan_of(body: bytes) -> Plan:
    """The inverse of the encoding in NewRun.plan."""
    return msgspec.msgpack.decode(body, type=Plan)


def run_values(run: RunId, new: NewRun, plan_digest: bytes) -> Values:
    """The values of `insert_run`."""
    return {
        "flow": run.flow,
        "number": run.number,
        "state": State.RUNNING.value,
        "owner": new.user,
        "namespace": new.namespace,
        "created": new.created,
        "plan": plan_digest,
        "constants": new.constants,
        "tags": _encode(new.tags),
        "system_tags": _encode(new.system_tags),
        "parameters": _encode(new.parameters),
        "origin_flow": new.origin.flow if new.origin else None,
        "origin_number": new.origin.number if new.origin else None,
    }


def run_record(row: Row) -> RunRecord:
    """The record of a row of `select_runs`, in the state that is recorded."""
    (_, flow, number, state, owner, created, finished, namespace, tags, system_tags, parameters, plan, constants) = row[
        :13
    ]
    origin_flow, origin_number, reason = row[13:]
    return RunRecord(
        id=RunId(flow, number),
        state=_states[state],
        user=owner,
        created=created,
        finished=finished,
        namespace=namespace,
        tags=_texts(tags),
        system_tags=_texts(system_tags),
        parameters=_mapping(parameters),
        plan_digest=plan,
        constants=constants,
        origin=None if origin_flow is None else RunId(origin_flow, origin_number),
        reason=reason,
    )


def task_record(run: RunId, row: Row, run_state: State) -> TaskRecord:
    """The record of a row of `select_tasks` of a run that is in `run_state`."""
    number, attempt, step, path, state, started, finished, detail, digest, body = row
    write = TaskWrite(
        number=number,
        attempt=attempt,
        step=step,
        path=path_of(path),
        state=_states[state],
        started=started,
        finished=finished,
        manifest_digest=digest or b"",
        manifest=body or b"",
        detail=_detail(detail),
    )
    return record(run, write, run_state=run_state, with_manifest=True)


def task_values(write: TaskWrite, run: int, step: int, *, newest: bool, path: str) -> Values:
    """The values of `write_task`."""
    return {
        "run": run,
        "number": write.number,
        "attempt": write.attempt,
        "newest": int(newest),
        "step": step,
        "path": path,
        "state": write.state.value,
        "started": write.started,
        "finished": write.finished,
        "digest": write.manifest_digest or None,
        "detail": _encode(write.detail),
    }
