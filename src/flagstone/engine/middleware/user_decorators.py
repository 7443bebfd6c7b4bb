"""Runs the user's own step decorators around the step, the outermost first; the innermost middleware of all."""

import ast
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, ClassVar

from flagstone.dsl import specs
from flagstone.dsl.extensions import made, path_of
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.shape import Applied
from flagstone.engine.attempt import Attempt, Proceed
from flagstone.engine.forked import OnlyTheTask
from flagstone.kit.text import listed
from flagstone.model.declarations import UserDecorator
from flagstone.model.declaring import Declaration
from flagstone.model.errors import InvalidNextException
from flagstone.model.plan import Step, Transition

Replacement = Callable[..., Any]


class RunUserDecorators:
    """`pre_step`, the step or what is run instead of it, `post_step`."""

    understands: ClassVar[tuple[type[Declaration], ...]] = (UserDecorator,)

    def wrap(self, attempt: Attempt, proceed: Proceed) -> None:
        """Run the step inside its decorators."""
        said = [one for one in attempt.step.declarations if isinstance(one, UserDecorator)]
        if not said:
            proceed()
            return
        with OnlyTheTask():
            _Nest(attempt, proceed).run(_found(attempt, said)[::-1], None)


def _found(attempt: Attempt, said: Sequence[UserDecorator]) -> list[Applied]:
    """The decorators that the plan names: as they stand on the flow, else by their names with the plan's arguments."""
    there = [one for one in attempt.flow.__flagstone__.applied.get(attempt.step.name, ()) if not one.mutates]
    found = []
    for one in said:
        same = next((applied for applied in there if path_of(applied.kind) == one.name), None)
        if same is None:
            same = Applied(specs.decorator_called(one.name), tuple(one.args), one.kwargs, attempt.step.where)
        else:
            there.remove(same)
        found.append(same)
    return found


class _Nest:
    """The decorators of one attempt, one inside the other."""

    def __init__(self, attempt: Attempt, proceed: Proceed) -> None:
        self._attempt = attempt
        self._proceed = proceed

    def run(self, decorators: Sequence[Applied], instead: Replacement | None) -> None:
        """Run what is left of the decorators, and the step, or `instead` of it, inside them."""
        if not decorators:
            self._run_step(instead)
            return
        attempt = self._attempt
        decorator = made(decorators[0], attempt.step.where)
        replacement = decorator.pre_step(attempt.step.name, attempt.flow, attempt.inputs)
        skip = decorator.skip_step
        try:
            if skip is None or skip is False:
                self.run(decorators[1:], replacement or instead)
            else:
                go_on(attempt, {} if skip is True else skip)
        except BaseException as error:  # noqa: BLE001 - a decorator sees whatever the step raises
            self._after(decorator, error)
        else:
            self._after(decorator, None)

    def _run_step(self, instead: Replacement | None) -> None:
        if instead is None:
            self._proceed()
            return
        answer = instead(self._attempt.flow, self._attempt.inputs)
        if isinstance(answer, dict):
            go_on(self._attempt, answer)
        elif answer is not False and self._attempt.flow._flagstone.chosen is None:
            go_on(self._attempt, {})

    def _after(self, decorator: Any, error: BaseException | None) -> None:
        """Let a decorator see how it went, and do what it says; what is no Exception cannot be swallowed."""
        attempt = self._attempt
        answer = decorator.post_step(attempt.step.name, attempt.flow, error)
        raised, following = answer if isinstance(answer, tuple) else (answer, None)
        if isinstance(raised, dict):
            raised, following = None, raised
        if raised is not None:
            raise raised
        if error is not None and not isinstance(error, Exception):
            raise error
        if following is not None or (error is not None and attempt.flow._flagstone.chosen is None):
            go_on(attempt, following or {})


def go_on(attempt: Attempt, arguments: dict[str, Any]) -> None:
    """Call self.next as the step would, with these arguments of it instead of its own. Raises InvalidNextException."""
    step, flow = attempt.step, attempt.flow
    _check(step, arguments)
    if step.transition is Transition.END:
        return
    if step.transition is Transition.SWITCH and step.condition is None:
        _keep_choice(attempt, arguments)
        return
    flow._flagstone.chosen = None
    targets = [getattr(flow, name) for name in step.next]
    try:
        if step.transition is Transition.FOREACH:
            flow.next(*targets, foreach=step.foreach)
        elif step.transition is Transition.PARALLEL:
            size = arguments["num_parallel"] if "num_parallel" in arguments else _written(step)
            flow.next(*targets, num_parallel=size)
        elif step.transition is Transition.SWITCH:
            cases = {_key(flow, case.key): getattr(flow, case.target) for case in step.cases}
            flow.next(cases, condition=step.condition)
        else:
            flow.next(*targets)
    except InvalidNextException as error:
        error.where = step.where  # no line of the user's is on the way from the decorator to here
        raise


def _check(step: Step, arguments: dict[str, Any]) -> None:
    """What a decorator says is what the step's own self.next has. Raises InvalidNextException."""
    unknown = sorted(set(arguments) - {"foreach", "num_parallel", "condition"})
    if unknown:
        raise InvalidNextException(
            problem=f"a decorator of step {step.name!r} goes on with {listed(unknown)}",
            hint="it may give foreach, num_parallel and condition; which steps follow is what the source says",
            where=step.where,
        )
    for name, value in arguments.items():
        written = getattr(step, name)
        if written is None or (name != "num_parallel" and value != written):
            says = "does not have" if written is None else f"has {name}={written!r} instead of"
            raise InvalidNextException(
                problem=f"a decorator of step {step.name!r} goes on with {name}={value!r}, "
                f"and the step's own self.next {says} {'that' if written is None else 'it'}",
                hint=f"let it assign flow.{written}" if written is not None else "let it give {}",
                where=step.where,
            )


def _keep_choice(attempt: Attempt, arguments: dict[str, Any]) -> None:
    """Where an `if` of the step chooses, its decorators choose by flow.next. Raises InvalidNextException."""
    if attempt.flow._flagstone.chosen is None or arguments:
        step = attempt.step
        raise InvalidNextException(
            problem=f"step {step.name!r} did not come to its self.next, and an `if` in it chooses where it goes on",
            hint=f"let the decorator say it: flow.next(flow.{step.next[0]})",
            where=step.where,
        )


def _key(flow: FlowSpec, key: object) -> object:
    """The value of a case: itself, or what a config holds where the source has `self.config.key`."""
    parts = key.split(".") if isinstance(key, str) else []
    if len(parts) > 2 and parts[1] in flow.__flagstone__.configs:
        return reduce(getattr, parts[1:], flow)
    return key


def _written(step: Step) -> int:
    """The size of a gang that is written as a number. Raises InvalidNextException for one that is computed."""
    try:
        return int(ast.literal_eval(step.num_parallel or ""))
    except (SyntaxError, ValueError):
        raise InvalidNextException(
            problem=f"step {step.name!r} was not run, and how many tasks its gang has is computed in it: "
            f"num_parallel={step.num_parallel}",
            hint='let the decorator say it: a dict such as {"num_parallel": 4}',
            where=step.where,
        ) from None
