"""What decorators say about the attempts at a step: how often, how long, and what becomes of the last failure."""

from collections.abc import Sequence
from typing import Any, Self

from flagstone.model.declaring import Declaration


class Retry(Declaration, frozen=True, kw_only=True):
    """Try a step again that failed, up to `times` times, `minutes_between_retries` after its failure.

    Every pause is `backoff` times as long as the one before. `on` names the exceptions after which it is tried again
    (classes, or their qualified names; those that derive from them count): any other fails the step at once. A process
    that vanished is always tried again. `times=0` keeps `--with retry` away from a step.
    """

    times: int = 3
    minutes_between_retries: float = 2
    backoff: float = 1
    on: tuple[str, ...] = ()

    def tidied(self) -> Self:
        """Exceptions by their qualified names; a plain name is a built-in one. Raises InvalidDeclaration."""
        given: Any = self.on
        listed = [given] if isinstance(given, str | type) else list(given)
        return type(self)(
            times=self.times,
            minutes_between_retries=self.minutes_between_retries,
            backoff=self.backoff,
            on=tuple(self._name(one) for one in listed),
        )

    def _name(self, one: Any) -> str:
        if isinstance(one, type) and issubclass(one, BaseException):
            return f"{one.__module__}.{one.__qualname__}"
        if not isinstance(one, str) or not all(part.isidentifier() for part in one.split(".")):
            hint = "write on=ConnectionError, or on=[ConnectionError, TimeoutError]"
            self.refuse(f"on={one!r}", "an exception is expected", hint)
        return one if "." in one else f"builtins.{one}"

    def check(self) -> None:
        """Nothing is below zero. Raises InvalidDeclaration."""
        for name in ("times", "minutes_between_retries", "backoff"):
            value = getattr(self, name)
            if not 0 <= value < float("inf"):
                self.refuse(f"{name}={value!r}", "a number of at least 0 is expected")

    def pause(self, attempt: int, kinds: Sequence[str]) -> float | None:
        """Seconds from the end of `attempt` (from 0) to the next one; None when there is none.

        `kinds` are the qualified names of the exception's classes; empty when the process vanished, which is always a
        reason to try again.
        """
        if attempt >= self.times or (self.on and kinds and not set(self.on).intersection(kinds)):
            return None
        pause: float = self.minutes_between_retries * 60 * self.backoff**attempt
        return pause


class Catch(Declaration, frozen=True, kw_only=True):
    """Let the flow go on when a step has failed for good: as if it had come to its self.next.

    The artifact `var` then holds what was raised (a CaughtException), and None when nothing was. What the step had
    assigned before it failed is kept. A process that vanished or ran out of time is caught too.
    """

    var: str | None = None
    print_exception: bool = True

    def check(self) -> None:
        """`var` can be an artifact. Raises InvalidDeclaration."""
        if self.var is not None and (not self.var.isidentifier() or self.var.startswith("__")):
            self.refuse(f"var={self.var!r}", "the name of an artifact is expected", 'write @catch(var="failure")')


class Timeout(Declaration, frozen=True, kw_only=True):
    """End a step that takes longer than `seconds`, `minutes` and `hours` together.

    The step gets a TimeoutException; where that does not reach it, in C code, its process is ended. It counts as a
    failure: `@retry` tries again, `@catch` catches it.
    """

    seconds: float = 0
    minutes: float = 0
    hours: float = 0

    @property
    def limit(self) -> float:
        """All of it in seconds."""
        return self.seconds + 60 * self.minutes + 3600 * self.hours

    def check(self) -> None:
        """There is a limit. Raises InvalidDeclaration."""
        for name in ("seconds", "minutes", "hours"):
            value = getattr(self, name)
            if not 0 <= value < float("inf"):
                self.refuse(f"{name}={value!r}", "a number of at least 0 is expected")
        if self.limit <= 0:
            self.refuse(
                "", "it does not say how long a step may take", "write @timeout(seconds=30), minutes= or hours="
            )
