"""What users extend flows with: classes that stand as decorators on steps and flows, found again by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType
from typing import Any, ClassVar, TypeVar

from flagstone.dsl.complaint import install_hook, user_location
from flagstone.dsl.shape import Applied
from flagstone.kit import late
from flagstone.kit.text import listed, preview
from flagstone.model.errors import InvalidDeclaration, Location

F = TypeVar("F", bound=Callable[..., Any])

_known: dict[str, type[Extension]] = {}


def path_of(kind: type) -> str:
    """Where a decorator is defined: its module, and its name there."""
    return f"{kind.__module__}.{kind.__qualname__}".replace("<locals>.", "")


class Extension:
    """Base of what users write: a subclass is a decorator, with arguments or without.

    `init` is given the arguments; an object is made when the decorator gets to work, not where it is written.
    """

    mutates: ClassVar[bool] = False
    no_arguments: ClassVar[str] = "define init(self, ...) in its class to take them"
    applied: Applied

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        install_hook()
        if "__init__" in vars(cls):
            raise InvalidDeclaration(
                problem=f"{cls.__name__} defines __init__",
                hint="call it init: it is given the arguments of the decorator, when the decorator gets to work",
                where=user_location(),
            )
        _known[path_of(cls)] = cls

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """As a decorator without arguments: what was decorated. With arguments: what decorates."""
        extension = super().__new__(cls)
        extension.applied = Applied(cls, args, kwargs, user_location())
        if len(args) == 1 and not kwargs and cls.stands_on(args[0]):
            extension.applied = Applied(cls, (), {}, extension.applied.where)
            return extension.put_on(args[0])
        if len(args) == 1 and isinstance(args[0], FunctionType) and cls.init is Extension.init:
            raise extension.misplaced(repr(args[0].__name__))
        return extension

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """The arguments are for `init`."""

    def init(self, *args: Any, **kwargs: Any) -> None:
        """Called with the decorator's arguments before any other hook; without it, a decorator takes none."""

    def add_to_package(self) -> Any:
        """Files that tasks elsewhere need besides the flow's own: pairs of a path and its name in the package."""
        return ()

    @classmethod
    def stands_on(cls, target: object) -> bool:
        """Whether it can decorate this."""
        raise NotImplementedError

    def put_on(self, target: Any) -> Any:
        """Decorate it; gives it back."""
        raise NotImplementedError

    def misplaced(self, target: str) -> InvalidDeclaration:
        """The error for a decorator on what it does not go on."""
        return InvalidDeclaration(
            problem=f"@{type(self).__name__} stands on {target}, which is not a step",
            hint="write @step directly above `def`, and every other decorator above @step",
            where=self.applied.where,
        )


class StepExtension(Extension):
    """What stands on a step."""

    def __call__(self, target: F) -> F:
        """Decorate a step. Raises InvalidDeclaration for anything else."""
        if not self.stands_on(target):
            raise self.misplaced(repr(getattr(target, "__name__", target)))
        self.put_on(target)
        return target

    @classmethod
    def stands_on(cls, target: object) -> bool:
        """A method that is marked with @step."""
        return hasattr(target, "__flagstone_step__")

    def put_on(self, target: F) -> F:
        """Write it down on the method; what is innermost comes first."""
        before: tuple[Applied, ...] = vars(target).get("__flagstone_applied__", ())
        target.__flagstone_applied__ = (*before, self.applied)  # type: ignore[attr-defined]  # functions take attributes
        return target


def called(name: str) -> type[Extension] | None:
    """The extension whose path ends with `name`; None when there is none. Raises InvalidDeclaration for several."""
    if name in _known:
        return _known[name]
    found = sorted(path for path in _known if path.endswith(f".{name}"))
    if len(found) > 1:
        raise InvalidDeclaration(
            problem=f"several decorators are called {name!r}: {listed(found)}", hint="write more of its path"
        )
    return _known[found[0]] if found else None


def made(applied: Applied, where: Location | None = None) -> Any:
    """The object that does the work, initialised. Raises InvalidDeclaration for arguments that it does not take."""
    extension = object.__new__(applied.kind)
    extension.applied = applied
    check_arguments(applied, where)
    extension.init(*applied.args, **applied.kwargs)
    return extension


def check_arguments(applied: Applied, where: Location | None = None) -> None:
    """Refuse arguments that `init` does not take. Raises InvalidDeclaration."""
    kind = applied.kind
    given = [*map(repr, applied.args), *(f"{name}={value!r}" for name, value in applied.kwargs.items())]
    if kind.init is Extension.init:
        if given:
            raise InvalidDeclaration(
                problem=f"@{kind.__name__} takes no arguments, and is given {listed(given)}",
                hint=kind.no_arguments,
                where=applied.where or where,
            )
        return
    try:
        late.load("inspect:signature")(kind.init).bind(None, *applied.args, **applied.kwargs)
    except TypeError as error:
        raise InvalidDeclaration(
            problem=f"@{kind.__name__} is given {listed(given) or 'nothing'}, and its init does not take that: {error}",
            where=applied.where or where,
        ) from None


def as_data(value: Any) -> Any:
    """An argument as plain data, for the plan: what is neither text, number, list nor dict is shown as its name."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): as_data(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(map(as_data, value))
    if isinstance(value, list | set | frozenset):
        return list(map(as_data, value))
    return getattr(value, "__qualname__", None) or preview(value)
