"""Step decorators of the user's own: code before and after a step, instead of it, or that skips it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, ClassVar, Protocol, TypeVar, overload

from flagstone.dsl.complaint import install_hook
from flagstone.dsl.extensions import StepExtension
from flagstone.dsl.step import location_of
from flagstone.kit.text import preview
from flagstone.model.errors import InvalidDeclaration, UserError

F = TypeVar("F", bound=Callable[..., Any])

USER_SKIP_STEP: dict[str, Any] = {}
"""What a decorator yields (or has as `skip_step`) to skip the step and go on as the step would."""

Hook = Callable[..., Generator[Any, Any, Any]]

_GENERATOR = 0x20  # the flag of a code object that yields: `inspect.CO_GENERATOR`


class UserStepDecorator(StepExtension):
    """Derive from this for a step decorator with state; `@user_step_decorator` on a generator is the short form.

    For each attempt a new object is made: `init` is given the decorator's arguments, `pre_step` runs before the step
    and `post_step` after it. The outermost decorator runs first, and its `post_step` last.
    """

    @property
    def skip_step(self) -> bool | dict[str, Any]:
        """Looked at after `pre_step`: True, or a dict with arguments of `self.next`, skips the step.

        May be assigned in `pre_step`: `self.skip_step = True`.
        """
        skip: bool | dict[str, Any] = self.__dict__.get("skip_step", False)
        return skip

    @skip_step.setter
    def skip_step(self, value: bool | dict[str, Any]) -> None:
        self.__dict__["skip_step"] = value

    def pre_step(self, step_name: str, flow: Any, inputs: Any = None) -> Callable[..., Any] | None:
        """Before the step. A callable that it gives back is called with (flow, inputs) instead of the step."""
        return None

    def post_step(self, step_name: str, flow: Any, exception: BaseException | None = None) -> Any:
        """After the step, with what it raised. Gives back what is raised then, or None if nothing is.

        A pair (exception or None, dict) also says with which arguments of `self.next` the flow goes on.
        """
        return exception


class StepDecorator(Protocol):
    """What `@user_step_decorator` makes: to be written with arguments or without."""

    @overload
    def __call__(self, function: F, /) -> F: ...
    @overload
    def __call__(self, **attributes: Any) -> Callable[[F], F]: ...


def user_step_decorator(function: Hook) -> StepDecorator:
    """Make a step decorator of a generator `(step_name, flow, inputs)`, or `(step_name, flow, inputs, attributes)`.

    What stands before its `yield` runs before the step, what stands after it runs afterwards; what the step raises is
    raised at the `yield`. To yield a callable runs that, called with (flow, inputs), instead of the step; to yield a
    dict skips the step, and goes on with those arguments of `self.next`. Raises InvalidDeclaration.
    """
    install_hook()
    code = getattr(function, "__code__", None)
    if code is None or not code.co_flags & _GENERATOR:
        raise InvalidDeclaration(
            problem=f"@user_step_decorator stands on {getattr(function, '__name__', function)!r}, which has no yield",
            hint="write `yield` where the step runs",
            where=location_of(function) if code is not None else None,
        )
    if code.co_argcount not in (3, 4):
        raise InvalidDeclaration(
            problem=f"the step decorator {function.__name__!r} takes {code.co_argcount} arguments",
            hint=f"write `def {function.__name__}(step_name, flow, inputs):`, or with attributes as a fourth argument",
            where=location_of(function),
        )
    said = {name: getattr(function, name) for name in ("__module__", "__qualname__", "__doc__")}
    base = _WithAttributes if code.co_argcount == 4 else _Plain
    return type(function.__name__, (base,), {"hook": staticmethod(function), **said})  # type: ignore[return-value]  # a class that is called so


class _Plain(UserStepDecorator):
    """A decorator made of a generator."""

    no_arguments = "let its generator take a fourth argument, attributes, to have them"
    hook: ClassVar[Hook]
    _generator: Generator[Any, Any, Any]
    _over = False

    def _begin(self, step_name: str, flow: Any, inputs: Any) -> Generator[Any, Any, Any]:
        return type(self).hook(step_name, flow, inputs)

    def pre_step(self, step_name: str, flow: Any, inputs: Any = None) -> Callable[..., Any] | None:
        """Run up to the yield. Raises UserError when what is yielded is neither a callable nor a dict."""
        self._generator = self._begin(step_name, flow, inputs)
        try:
            yielded = next(self._generator)
        except StopIteration:
            self._over = True
            return None
        if isinstance(yielded, dict):
            self.skip_step = yielded
        elif yielded is not None and not callable(yielded):
            raise UserError(
                message=f"@{type(self).__name__} yields {preview(yielded, 60)}",
                hint="yield nothing to run the step, a callable to run that instead, a dict to skip the step",
                where=location_of(type(self).hook),
            )
        return yielded if callable(yielded) else None

    def post_step(self, step_name: str, flow: Any, exception: BaseException | None = None) -> Any:
        """Run from the yield to the end. Raises what the generator raises, and UserError for a second yield."""
        if self._over:
            return exception
        try:
            if exception is None:
                next(self._generator)
            else:
                self._generator.throw(exception)
        except StopIteration as end:
            return end.value
        self._generator.close()
        raise UserError(
            message=f"@{type(self).__name__} yields a second time",
            hint="yield once: what stands before it runs before the step, what stands after it runs afterwards",
            where=location_of(type(self).hook),
        )


class _WithAttributes(_Plain):
    """One whose generator wants the arguments."""

    def init(self, **attributes: Any) -> None:
        """Keep the arguments for the generator."""
        self._attributes = attributes

    def _begin(self, step_name: str, flow: Any, inputs: Any) -> Generator[Any, Any, Any]:
        return type(self).hook(step_name, flow, inputs, self._attributes)
