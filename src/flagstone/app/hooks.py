"""Exit hooks: called when a run has ended, each in a fresh interpreter, its output shown and kept."""

import sys
from collections.abc import Callable
from pathlib import Path

from flagstone.kit.files import private_directory
from flagstone.model.flow_declarations import ExitHook
from flagstone.model.ids import RunId
from flagstone.model.plan import Plan
from flagstone.model.states import State

Say = Callable[[str, str], None]  # a line, and its weight

LOG = "exit_hooks.log"


def run_hooks(plan: Plan, run: RunId, state: State, home: Path, say: Say) -> None:
    """Call those of a run that ended in `state`, in order; one that fails is told and changes nothing."""
    which = "on_success" if state is State.SUCCEEDED else "on_error"
    hooks = [name for said in plan.all_declared(ExitHook) for name in getattr(said, which)]
    if not hooks:
        return
    kept = private_directory(home / "logs" / run.flow / str(run.number)) / LOG
    for hook in hooks:
        words = [plan.file, plan.flow, hook, str(run), str(home)]
        _call(
            [sys.executable, "-u", "-m", "flagstone.app.hook_host", *words], hook.removeprefix("__main__:"), kept, say
        )


def _call(command: list[str], name: str, kept: Path, say: Say) -> None:
    say(f"exit hook {name} begins", "info")
    with kept.open("ab", buffering=0) as log:
        log.write(f"--- {name}\n".encode())
        try:
            import subprocess  # brings threads, and few flows have hooks

            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
        except OSError as error:
            say(f"exit hook {name} cannot be started: {error.strerror}", "warning")
            return
        assert process.stdout is not None
        with process:
            for line in process.stdout:
                log.write(line)
                say(f"[{name}] {line.decode('utf-8', 'replace').rstrip()}", "info")
    if process.returncode:
        how = f"exit status {process.returncode}" if process.returncode > 0 else f"signal {-process.returncode}"
        say(f"exit hook {name} failed with {how}; the outcome of the run stays as it is", "warning")
