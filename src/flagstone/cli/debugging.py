"""Opens a prompt on a past task, or runs its step again in a debugger."""

import code
import rlcompleter
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flagstone.app import workspace as workspaces
from flagstone.app.opening import OpenTask
from flagstone.app.options import SpinOptions
from flagstone.app.past import Past, find_failed, find_past, inputs_of
from flagstone.cli.door import Door
from flagstone.cli.facts import artifact_facts, task_facts
from flagstone.cli.finding import manifest_of, missing
from flagstone.cli.output import note, say_json
from flagstone.cli.spinning import spin
from flagstone.client.display import ago
from flagstone.dsl.current import current
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.loading import load_flow
from flagstone.dsl.mutating import pre_mutate
from flagstone.dsl.source import shown
from flagstone.kit import terminal
from flagstone.model.artifacts import decode_artifact
from flagstone.model.errors import FlagstoneError, InvalidSetting, NoTerminal
from flagstone.model.states import State

EAGER = 64 << 20  # bytes of artifacts that IPython is given at once; larger ones are there through `self`


def find(door: Door, pathspec: str | None) -> Past:
    """The task that is meant; without a pathspec the first that failed in the newest run. Raises NotFound."""
    workspace = workspaces.default()
    flow = door.flow.__name__ if door.flow is not None else None
    if pathspec is not None:
        return find_past(workspace, pathspec, flow)
    found = find_failed(workspace, flow)
    if found is None:
        raise missing(workspace, "a task that failed in the newest run")
    return found


def flow_of(door: Door, past: Past) -> type[FlowSpec]:
    """The flow's class as its file defines it now, in `__main__`. Raises NoFlow, ModuleFailed."""
    if door.flow is not None:
        return door.flow
    flow = load_flow(past.plan.file, past.plan.flow)
    pre_mutate(flow)
    return flow


# --- the prompt ------------------------------------------------------------------------------------------------


def prompt(door: Door, pathspec: str | None, *, plain: bool, as_json: bool) -> None:
    """A Python prompt with a task's artifacts: IPython where it is installed, else Python's own."""
    past = find(door, pathspec)
    if as_json:
        say_json(facts(past))
        return
    opened = OpenTask(workspaces.default(), past, flow_of(door, past), begun=False)
    opened.set_current()
    names = Names(opened)
    note(banner(opened))
    if not plain and sys.stdin.isatty() and find_spec("IPython") is not None:
        names.fill(EAGER)
        import_module("IPython").start_ipython(argv=["--no-banner"], user_ns=names)
        return
    _with_completion(names)
    code.InteractiveConsole(locals=names).interact(banner="", exitmsg="")


def facts(past: Past) -> dict[str, Any]:
    """The task, its artifacts without their values, and where its inputs come from."""
    workspace = workspaces.default()
    kept = manifest_of(workspace, past.task).artifacts
    return {
        **task_facts(past.task),
        "artifacts": [artifact_facts(name, decode_artifact(raw)) for name, raw in sorted(kept.items())],
        "inputs": [f"{past.run.id}/{given.step}/{given.number}" for given in inputs_of(workspace, past)],
    }


class Names(dict[str, Any]):
    """What can be named at the prompt; an artifact is loaded when it is first named."""

    def __init__(self, opened: OpenTask) -> None:
        super().__init__(opened.defined())
        self._opened = opened
        self.waiting = dict(opened.names())  # artifacts that were not loaded yet, and their sizes
        for name in self.waiting:
            self.pop(name, None)
        self |= {"self": opened.self, "current": current, "__name__": "__main__"}
        if opened.inputs is not None:
            self["inputs"] = opened.inputs

    def __missing__(self, name: str) -> Any:
        if self.waiting.pop(name, None) is None:
            raise KeyError(name)
        self[name] = value = self._opened.load(name)
        return value

    def fill(self, most: int) -> None:
        """Load the artifacts that are not large; one that cannot be read is left out."""
        for name, size in list(self.waiting.items()):
            if size <= most:
                try:
                    self[name] = self._opened.load(name)
                except FlagstoneError as error:
                    note(f"{name}: {error}")


class Completer(rlcompleter.Completer):
    """Also knows the artifacts that were not loaded yet."""

    def __init__(self, names: Names) -> None:
        super().__init__(names)
        self._names = names

    def global_matches(self, text: str) -> list[str]:
        """Names that begin with a text."""
        return [*super().global_matches(text), *(name for name in self._names.waiting if name.startswith(text))]


def _with_completion(names: Names) -> None:
    try:
        import readline  # not on every system
    except ImportError:
        return
    readline.set_completer(Completer(names).complete)
    readline.parse_and_bind("tab: complete")


def banner(opened: OpenTask) -> str:
    """What happened to the task, and what there is at the prompt."""
    past = opened.past
    task, failure = past.task, past.task.failure
    when = ago(task.finished or task.started)
    lines = [f"{task.id} {task.state} {when}" + (f", label {task.label}" if task.label else "")]
    if failure is not None:
        lines.append(failure.traceback.rstrip("\n") if failure.traceback else f"  {failure.message}")
    if not opened.left and task.state is not State.SUCCEEDED:
        lines.append("It left no artifacts: these are the ones that it began with.")
    names = [name for name, _ in opened.names()]
    there = ["self", *(["inputs"] if opened.inputs is not None else []), "current"]
    lines.append("")
    lines.append(f"There are {', '.join(there)}, what {shown(past.plan.file)} defines, and the artifacts by name:")
    lines.append(f"  {', '.join(names) or 'none'}")
    lines.append("Ctrl-D leaves. Nothing that you do here is recorded.")
    return "\n".join(lines)


# --- again, in the debugger ------------------------------------------------------------------------------------


def again(door: Door, pathspec: str | None, breaks: tuple[str, ...]) -> int:
    """Run the step again as `spin` does, and stop where it fails, or at a line; returns the exit status."""
    if not terminal.is_at_hand():
        raise NoTerminal(what="--break" if breaks else "--pdb")
    past = find(door, pathspec)
    flow = flow_of(door, past)
    places = tuple(_place(text, past.plan.file) for text in breaks)
    options = SpinOptions(pathspec=str(past.task.id), post_mortem=True, breaks=places)
    return spin(flow, options, quiet=False, as_json=False, debug=door.call("debug"))


def _place(text: str, own: str) -> tuple[str, int]:
    """`flow.py:14`, or `14` of the flow's own file; a line without code means the next one that has some."""
    name, _, number = text.rpartition(":")
    file = Path(name or own).absolute()
    try:
        lines = sorted(_lines_with_code(compile(file.read_bytes(), str(file), "exec")))
    except (OSError, SyntaxError, ValueError) as error:
        raise _wrong(text, f"{file} cannot be read: {error}") from None
    if not number.isdigit():
        raise _wrong(text, "a file and a line are expected, as in flow.py:14")
    found = next((line for line in lines if line >= int(number)), None)
    if found is None:
        raise _wrong(text, f"{file.name} has no code from line {number} on")
    return str(file), found


def _lines_with_code(compiled: Any) -> set[int]:
    lines = {line for _, _, line in compiled.co_lines() if line}
    for constant in compiled.co_consts:
        if hasattr(constant, "co_lines"):
            lines |= _lines_with_code(constant)
    return lines


def _wrong(text: str, problem: str) -> InvalidSetting:
    return InvalidSetting(setting="break", value=text, problem=problem, source="--break")
