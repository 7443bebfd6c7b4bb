"""When mutators run: `pre_mutate` before parameters become options, `mutate` before a flow becomes a plan.

Both happen once, and are harmless when they are called again; `begin_anew` takes the flow as its source says it, so
that another run of the same process can be configured in another way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flagstone.dsl import registry
from flagstone.dsl.flow import shape_of
from flagstone.kit import late

if TYPE_CHECKING:  # only named in annotations
    from flagstone.dsl.flow import FlowSpec
    from flagstone.dsl.shape import Applied


def begin_anew(flow: type[FlowSpec]) -> None:
    """Forget what mutators and the command line made of the flow. Raises InvalidName."""
    for name, before in reversed(flow.__flagstone__.replaced):
        if before is None:
            delattr(flow, name)
        else:
            setattr(flow, name, before)
    flow.__flagstone__ = shape_of(flow)


def pre_mutate(flow: type[FlowSpec]) -> None:
    """Let mutators change what the command line is made of. Raises InvalidDeclaration, InvalidName, MutatorFailed."""
    if flow.__flagstone__.delays and flow.__flagstone__.config_values is None:
        late.load(registry.SETTLE)(flow)
    if not flow.__flagstone__.configured:
        _hooks(flow, "pre_mutate")
        flow.__flagstone__.configured = True


def mutate(flow: type[FlowSpec]) -> None:
    """Let mutators change what the plan is made of. Raises as `pre_mutate` does."""
    pre_mutate(flow)
    if not flow.__flagstone__.settled:
        _hooks(flow, "mutate")
        flow.__flagstone__.settled = True


def _hooks(flow: type[FlowSpec], hook: str) -> None:
    """Call one hook of all mutators, those of the flow first; each may add further ones, which then follow."""
    shape = flow.__flagstone__
    for applied in shape.mutators:  # the list may grow meanwhile
        applied.kind.run_hook(hook, applied, flow, "")
    done: list[Applied] = []
    for step in shape.steps:
        while waiting := [one for one in shape.applied[step] if one.mutates and one not in done]:
            done.append(waiting[0])
            waiting[0].kind.run_hook(hook, waiting[0], flow, step)
