"""How decorators are made: each writes one checked declaration down, on a step or on a flow, and does nothing else."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, cast, overload

import msgspec

from flagstone.dsl.complaint import install_hook, user_location
from flagstone.dsl.delaying import Postponed, holds_delayed, postpone
from flagstone.dsl.step import declare
from flagstone.kit.text import listed
from flagstone.model.declarations import AnyDeclaration
from flagstone.model.declaring import Declaration
from flagstone.model.errors import (
    BadFlowDecoratorException,
    BadStepDecoratorException,
    DuplicateFlowDecoratorException,
    InvalidDeclaration,
    InvalidDecoratorAttribute,
    Location,
)

if TYPE_CHECKING:
    import inspect

P = ParamSpec("P")
F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)


class Decorator(Generic[P]):
    """A decorator that writes a declaration of one kind down; `@card` is the same as `@card()`."""

    def __init__(self, make: Callable[P, Declaration], kind: type[Declaration] | None = None) -> None:
        """`make` is the kind itself, or a function that takes what people write, for a kind that keeps less."""
        self.kind = kind or cast("type[Declaration]", make)
        self.make = make
        self.__name__ = self.__qualname__ = self.kind.called()
        self.__module__ = "flagstone"
        self.__doc__ = self.kind.__doc__

    @property
    def __signature__(self) -> "inspect.Signature":
        """The arguments, which are given by name."""
        import inspect  # milliseconds, and only for who asks for help

        arguments = inspect.signature(self.make).parameters.values()
        return inspect.Signature([self._argument(one) for one in arguments])

    def _argument(self, one: "inspect.Parameter") -> "inspect.Parameter":
        factory = {field.name: field.default_factory for field in msgspec.structs.fields(self.kind)}[one.name]
        default = one.default if factory is msgspec.NODEFAULT else factory()
        return one.replace(kind=one.KEYWORD_ONLY, default=default)

    def __repr__(self) -> str:
        return f"<decorator @{self.__name__}>"

    def declaration(self, named: dict[str, Any], arguments: tuple[Any, ...] = ()) -> Declaration | Postponed:
        """The checked record of the arguments; postponed while a config has to be known. Raises InvalidDeclaration."""
        install_hook()
        where = user_location()
        try:
            if not any(name.startswith("__") for name in named):  # `**config` gives such a name for all of its keys
                self._check_names(arguments, named, where)
            if holds_delayed(named):
                return Postponed(Later(self, where), (), named)
            make: Callable[..., Declaration] = self.make
            return make(**named).checked()
        except InvalidDeclaration as error:
            error.where = error.where or where
            raise

    def _check_names(self, arguments: tuple[Any, ...], named: dict[str, Any], where: Location | None) -> None:
        fields = msgspec.structs.fields(self.kind)
        names = [field.name for field in fields]
        takes = f"it takes {listed(names)}" if names else "it takes no arguments"
        missing = [field.name for field in fields if field.required and field.name not in named]
        if arguments:
            example = f", as in @{self.__name__}({names[0]}=...)" if names else ""
            problem = f"@{self.__name__} takes its arguments by name{example}"
        elif unknown := [name for name in named if name not in names]:
            problem = f"@{self.__name__} does not know {unknown[0]!r}"
        elif missing:
            problem = f"@{self.__name__} needs {listed(missing)}"
        else:
            return
        raise InvalidDecoratorAttribute(problem=problem, hint=takes, where=where)


class Later:
    """A decorator whose arguments wait for configs: what is wrong with them is said about its line."""

    def __init__(self, decorator: Decorator[Any], where: Location | None) -> None:
        self.decorator = decorator
        self.name = decorator.__name__
        self.where = where

    def declaration(self, named: dict[str, Any]) -> Declaration | Postponed:
        """The checked record. Raises InvalidDeclaration."""
        try:
            return self.decorator.declaration(named)
        except InvalidDeclaration as error:
            error.where = self.where or error.where
            raise

    def __call__(self, **named: Any) -> Callable[[Any], Any]:
        """As the decorator itself."""
        declaration = self.declaration(named)
        return lambda step: declare(step, cast("AnyDeclaration", declaration))


class StepDecorator(Decorator[P]):
    """A decorator of steps, above `@step`."""

    @overload
    def __call__(self, function: F, /) -> F: ...
    @overload
    def __call__(self, *arguments: P.args, **named: P.kwargs) -> Callable[[F], F]: ...
    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Write it down on a step, or give the decorator that does. Raises InvalidDeclaration."""
        alone = len(arguments) == 1 and not named and callable(arguments[0])
        declaration = self.declaration(named, () if alone else arguments)

        def mark(function: Any) -> Any:
            if isinstance(function, type):
                raise BadStepDecoratorException(
                    problem=f"@{self.__name__} belongs on a step, and {function.__name__} is a class",
                    hint="write it above the @step that it is meant for; `--with` puts one on every step",
                    where=user_location(),
                )
            if isinstance(declaration, Postponed):
                return postpone(function, declaration)
            return declare(function, cast("AnyDeclaration", declaration))

        return mark(arguments[0]) if alone else mark


class FlowDecorator(Decorator[P]):
    """A decorator of flows, above `class MyFlow(FlowSpec)`."""

    @overload
    def __call__(self, flow: C, /) -> C: ...
    @overload
    def __call__(self, *arguments: P.args, **named: P.kwargs) -> Callable[[C], C]: ...
    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Write it down on a flow, or give the decorator that does. Raises InvalidDeclaration."""
        alone = len(arguments) == 1 and not named and callable(arguments[0])
        declaration = self.declaration(named, () if alone else arguments)
        where = user_location()

        def mark(flow: Any) -> Any:
            self._check_place(flow, where)
            vars(flow)["__flagstone__"].said.insert(self._place(flow), declaration)
            own = vars(flow).get("__flagstone_said__", ())
            flow.__flagstone_said__ = (declaration, *own)
            flow.__flagstone__.delays = flow.__flagstone__.delays or isinstance(declaration, Postponed)
            return flow

        return mark(arguments[0]) if alone else mark

    def _place(self, flow: Any) -> int:
        """Before what stands below it, after what the bases say."""
        return len(flow.__flagstone__.said) - len(vars(flow).get("__flagstone_said__", ()))

    def _check_place(self, flow: Any, where: Location | None) -> None:
        name = self.__name__
        if not (isinstance(flow, type) and hasattr(flow, "__flagstone__")):
            raise BadFlowDecoratorException(
                problem=f"@{name} belongs on a flow, and {getattr(flow, '__name__', repr(flow))} is not one",
                hint="write it above `class MyFlow(FlowSpec)`",
                where=where,
            )
        for base in () if self.kind.several else flow.__mro__:
            if any(self.made(said) for said in vars(base).get("__flagstone_said__", ())):
                twice = "twice" if base is flow else f"and has it from {base.__name__} already"
                raise DuplicateFlowDecoratorException(
                    problem=f"the flow {flow.__name__} has @{name} {twice}", hint="keep one of them", where=where
                )

    def made(self, said: Declaration | Postponed) -> bool:
        """Whether this decorator said it."""
        if isinstance(said, Postponed):
            return isinstance(said.decorator, Later) and said.decorator.decorator is self
        return isinstance(said, self.kind)
