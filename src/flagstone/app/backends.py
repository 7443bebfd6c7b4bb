"""Which compute back end runs a flow here, with what this machine has, and what wraps every attempt."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from flagstone.app.home import open_blobs
from flagstone.app.options import RunOptions
from flagstone.app.settings import Settings
from flagstone.compute.inline.backend import InlineCompute
from flagstone.compute.process.backend import ProcessCompute
from flagstone.compute.process.settings import ProcessSettings
from flagstone.dsl.flow import FlowSpec
from flagstone.engine.attempt import Middleware
from flagstone.engine.claims import Machine
from flagstone.engine.middleware.cards import TakeCards
from flagstone.engine.middleware.catching import CatchFailures
from flagstone.engine.middleware.constants import KeepConstants
from flagstone.engine.middleware.current import SetCurrent
from flagstone.engine.middleware.environment import SetEnvironment
from flagstone.engine.middleware.gang import TellGang
from flagstone.engine.middleware.limits import LimitTime
from flagstone.engine.middleware.prompts import OfferPrompts
from flagstone.engine.middleware.recorded import OnlyRecorded
from flagstone.engine.middleware.secrets import ReadSecrets
from flagstone.engine.middleware.types import CheckTypes
from flagstone.engine.middleware.user_decorators import RunUserDecorators
from flagstone.engine.task import StepRunner
from flagstone.kit import processes
from flagstone.model.plan import Plan
from flagstone.model.resources import MEBIBYTE, Resources
from flagstone.model.stores import StorePlace
from flagstone.ports.compute import Compute
from flagstone.secrets.reading import read
from flagstone.store.artifacts import Artifacts
from flagstone.store.content import Content

ANY_GANG = 1 << 20  # tasks: in one process the tasks of a gang run one after the other, however many
UNKNOWN = 1 << 40  # mebibytes: where the machine does not say how much memory it has, nothing is refused


class Backend(Struct, frozen=True):
    """A compute back end and what surrounds it."""

    compute: Compute
    machine: Machine
    isolation: str
    compute_boot: Callable[[], None]  # forks what must be forked before a database is open
    notices: Callable[[], Sequence[str]]


def chain() -> tuple[Middleware, ...]:
    """What wraps every attempt, the outermost first."""
    return (
        SetCurrent(),
        SetEnvironment(),
        ReadSecrets(read),
        TellGang(),
        TakeCards(),
        OnlyRecorded(),
        KeepConstants(),
        CatchFailures(),
        OfferPrompts(),
        LimitTime(),
        CheckTypes(),
        RunUserDecorators(),
    )


def runner_for(flow: type[FlowSpec], home: Path, place: StorePlace) -> StepRunner:
    """What runs attempts of a flow in a task's process. Raises InvalidSetting, MissingExtra."""
    return StepRunner(flow, Artifacts(Content(open_blobs(home, place))), chain())


def choose(flow: type[FlowSpec], plan: Plan, options: RunOptions, settings: Settings) -> Backend:
    """The back end for a run on this machine."""
    isolation = options.isolation or settings.isolation
    places = options.max_workers or settings.max_workers or processes.cores()
    runner = runner_for(flow, settings.home, settings.place)
    resources = Resources(cpu=processes.cores(), memory=processes.memory() // MEBIBYTE or UNKNOWN, gpu=processes.gpus())
    if isolation == "inline":
        inline = InlineCompute(runner)
        return Backend(inline, Machine(resources, 1, ANY_GANG), isolation, lambda: None, tuple)
    most = max(places, _gang_places(plan))
    wanted = ProcessSettings(
        workers=places,
        most_at_once=most,
        isolation=isolation,
        steps_fork=any(step.isolation in ("fork", "worker") for step in plan.steps),
        spawn_command=(sys.executable, "-m", "flagstone.app.host"),
        culprit=f"the program that called {plan.flow}.run()" if options.called else "",
    )
    process = ProcessCompute(wanted, runner)
    machine = Machine(resources, places, most)
    return Backend(process, machine, isolation, process.boot, lambda: process.notices)


GANG = 64  # tasks that a gang may have at least, when its size is only known once the flow runs


def _gang_places(plan: Plan) -> int:
    """How many processes the largest gang of a plan may need at once."""
    sizes = [step.num_parallel for step in plan.steps if step.num_parallel is not None]
    return max((int(size) if size.isdigit() else GANG for size in sizes), default=0)
