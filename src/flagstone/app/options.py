"""What can be asked of a run."""

from typing import Any

from msgspec import Struct, field


class RunOptions(Struct, frozen=True, kw_only=True):
    """Options of `run`. `parameters` are values by attribute; what is missing takes its default."""

    parameters: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    max_workers: int | None = None  # None: the settings, else the cores
    max_num_splits: int = 100_000
    namespace: str | None = None
    run_id_file: str | None = None
    runner_attribute_file: str | None = None  # told the run, its flow and its home as JSON, for whoever started it
    isolation: str | None = None  # "fork", "worker", "spawn", "inline"; None: the settings
    keep_going: bool = False
    post_mortem: bool = False  # a failing task stops at a prompt in the terminal before it ends
    branch: str | None = None  # of the project; None: the settings, else @project
    production: bool | None = None  # likewise
    triggers: tuple[str, ...] = ()  # finished runs that this one is to have been started by: "Flow/7"
    called: bool = False  # by a program that may do other things besides: `MyFlow.run()`
    stream_output: bool = True  # whether observers are shown what tasks print


class SpinOptions(Struct, frozen=True, kw_only=True):
    """Options of `spin`: the task whose inputs are taken, and what is different this time."""

    pathspec: str
    artifacts_module: str | None = None  # a file whose dict ARTIFACTS replaces inherited artifacts and parameters
    skip_decorators: bool = False
    persist: bool = False  # record it as a run of the flow, tagged `spin`
    tags: tuple[str, ...] = ()
    namespace: str | None = None
    isolation: str | None = None
    post_mortem: bool = False
    breaks: tuple[tuple[str, int], ...] = ()  # files and lines where it stops


class ResumeOptions(RunOptions, frozen=True, kw_only=True):
    """Options of `resume`: everything from `step` on runs again; without it, only what did not succeed."""

    step: str | None = None
    origin: str | None = None  # "7" or "Flow/7"; None: the newest run
