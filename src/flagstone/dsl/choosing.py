"""What `self.next(...)` means when it is called: which steps follow, chosen by a value where there are cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flagstone.dsl.complaint import user_location
from flagstone.kit.text import listed, preview
from flagstone.model.errors import InvalidNextException, NoSuchArtifact

if TYPE_CHECKING:  # only named in annotations: a command line starts without them
    from flagstone.dsl.flow import FlowSpec


def choose(
    flow: FlowSpec, targets: tuple[Any, ...], *, foreach: str | None, num_parallel: Any, condition: str | None
) -> None:
    """Note where the step goes on. Raises InvalidNextException."""
    if (foreach is not None) + (num_parallel is not None) + (condition is not None) > 1:
        keywords = {"foreach": foreach, "num_parallel": num_parallel, "condition": condition}
        given = [f"{name}=" for name, value in keywords.items() if value is not None]
        raise _wrong(f"self.next has {listed(given)}: they do not go together")
    if targets and isinstance(targets[0], dict):
        if condition is None or len(targets) > 1:
            raise _wrong(
                "self.next has cases and no condition, or cases beside steps",
                'write self.next({"yes": self.a, "no": self.b}, condition="choice")',
            )
        cases = {key: _name(flow, target) for key, target in targets[0].items()}
        flow._flagstone.choose((_case(flow, cases, condition),), condition=condition)
        return
    if condition is not None:
        raise _wrong("self.next has a condition and no cases", 'write self.next({"yes": self.a, "no": self.b}, ...)')
    if not targets:
        raise _wrong("self.next names no step")
    gang = None if num_parallel is None else _gang(num_parallel)
    names = (_name(flow, targets[0]),) if len(targets) == 1 else tuple(_name(flow, target) for target in targets)
    flow._flagstone.choose(names, foreach=foreach, gang=gang)


def _name(flow: FlowSpec, target: Any) -> str:
    name = getattr(target, "__name__", None)
    if name not in flow.__flagstone__.steps or getattr(target, "__self__", None) is not flow:
        raise _wrong(
            f"self.next takes steps of this flow, and {preview(target)} is not one", "write self.next(self.some_step)"
        )
    return str(name)


def _case(flow: FlowSpec, cases: dict[Any, str], condition: str) -> str:
    """The step that the value of the condition leads to."""
    shown = listed([preview(key, 40) for key in cases], "or")
    try:
        value = getattr(flow, condition)
    except NoSuchArtifact:
        raise _wrong(
            f"the switch looks at self.{condition}, which was never assigned", f"assign it before: {shown}"
        ) from None
    try:
        found = cases.get(value)
    except TypeError:  # what cannot be a key cannot be equal to one
        found = None
    if found is None:
        raise _wrong(
            f"self.{condition} is {preview(value)}, and no case of the switch is: there are {shown}",
            "add a case for it, or assign one of these",
        )
    return found


def _gang(num_parallel: Any) -> int:
    try:
        size = int(num_parallel.__index__())
    except (AttributeError, TypeError):
        raise _wrong(f"num_parallel is {preview(num_parallel)}: a whole number is expected") from None
    if size < 1 or isinstance(num_parallel, bool):
        raise _wrong(f"num_parallel is {preview(num_parallel)}: a number of at least 1 is expected")
    return size


def _wrong(problem: str, hint: str = "") -> InvalidNextException:
    return InvalidNextException(problem=problem, hint=hint, where=user_location())
