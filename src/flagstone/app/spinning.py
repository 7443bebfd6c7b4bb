"""Run one step of the present code against the inputs of a past task, and say how what it left differs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw, Struct

from flagstone.app import backends, spin_area
from flagstone.app import settings as settings_of
from flagstone.app.backends import Backend
from flagstone.app.home import prepare_home
from flagstone.app.options import RunOptions, SpinOptions
from flagstone.app.overrides import load_overrides
from flagstone.app.past import Past, find_past, inputs_of, place_of
from flagstone.app.system_tags import system_tags
from flagstone.app.workspace import Workspace, open_workspace
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.parameters import ParameterContext
from flagstone.dsl.reading import read_plan
from flagstone.engine.claims import Admission
from flagstone.engine.launcher import manifest_of
from flagstone.engine.log_tail import LogTail
from flagstone.engine.loop import Loop, Parts, Policy
from flagstone.engine.observers.broadcast import Broadcast
from flagstone.engine.observers.recorder import Recorder
from flagstone.engine.prompt.desk import Desk
from flagstone.engine.scheduler import Claim
from flagstone.engine.single import OneJob, OneTask
from flagstone.kit import clock
from flagstone.kit.files import private_directory
from flagstone.model.artifacts import Manifest, decode_artifact, decode_manifest, encode_manifest
from flagstone.model.declarations import Catch, Isolation, Needs, Parallel, Retry
from flagstone.model.errors import CannotSpin, NoTerminal
from flagstone.model.events import RunEnded, RunStarted
from flagstone.model.ids import RunId, TaskId
from flagstone.model.jobs import JobInput, RunContext
from flagstone.model.plan import Plan, Step
from flagstone.model.records import SPUN, NewRun, TaskQuery, TaskRecord
from flagstone.model.states import State
from flagstone.ports.observer import Observer
