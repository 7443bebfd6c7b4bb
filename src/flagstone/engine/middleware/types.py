"""Compares what a step assigned with the types that the flow class declares."""

from typing import Any, ClassVar

from flagstone.dsl.annotations import declared_types, where_declared
from flagstone.dsl.flow import FlowSpec
from flagstone.engine.attempt import Attempt, Proceed
from flagstone.kit.fitting import misfit, named
from flagstone.model.declaring import Declaration
from flagstone.model.errors import WrongType


class CheckTypes:
    """Raises WrongType at the end of a step; what a step only inherits or reads is not looked at."""

    understands: ClassVar[tuple[type[Declaration], ...]] = ()

    def __init__(self) -> None:
        self._kinds: dict[type[FlowSpec], dict[str, Any]] = {}

    def wrap(self, attempt: Attempt, proceed: Proceed) -> None:
        """Run, then look at each artifact that has a declared type and was assigned."""
        proceed()
        flow = type(attempt.flow)
        if not (attempt.context.check_types and flow.__flagstone_check_types__):
            return
        if flow not in self._kinds:
            self._kinds[flow] = declared_types(flow)
        loaded = attempt.flow._flagstone.loaded
        for name, kind in self._kinds[flow].items():
            if name not in attempt.flow.__dict__:
                continue
            value = attempt.flow.__dict__[name]
            if name in loaded and loaded[name].value is value:
                continue
            actual = misfit(value, kind)
            if actual is not None:
                raise WrongType(
                    name=name,
                    step=attempt.step.name,
                    declared=named(kind),
                    actual=actual,
                    where=where_declared(flow, name) or attempt.step.where,
                )
