"""`MutableFlow` and `MutableStep`: what a mutator sees of a flow, and what it may change of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import msgspec

from flagstone.dsl import specs
from flagstone.dsl.complaint import user_location
from flagstone.dsl.extensions import path_of
from flagstone.dsl.flow import check_parameter
from flagstone.dsl.parameters import Parameter
from flagstone.dsl.shape import Applied, Shape
from flagstone.kit.text import listed
from flagstone.model.declaring import Declaration
from flagstone.model.errors import InvalidDeclaration, InvalidName

Decorator = str | Callable[..., Any]


class DecoratorSpec(NamedTuple):
    """One decorator of a step or a flow: its name, where it is defined, its arguments."""

    name: str
    path: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]


class _Decorated:
    """What steps and flows have in common: decorators that can be looked at, added and removed."""

    IGNORE: ClassVar[int] = 1  # what is there already stays as it is
    ERROR: ClassVar[int] = 2  # what is there already is an error
    OVERRIDE: ClassVar[int] = 3  # what is there already is replaced

    @property
    def decorator_specs(self) -> Iterator[DecoratorSpec]:
        """Its decorators, the innermost first."""
        raise NotImplementedError

    def has_decorator(self, name: str) -> bool:
        """Whether a decorator of this name is there."""
        return bool(self.get_decorator_specs(name))

    def get_decorator_specs(self, name: str) -> list[DecoratorSpec]:
        """The decorators of this name; a name is the end of a dotted path."""
        return [spec for spec in self.decorator_specs if _answers(spec, name)]


class MutableStep(_Decorated):
    """A step whose decorators a mutator looks at and changes."""

    def __init__(self, flow: MutableFlow, name: str) -> None:
        self.flow = flow
        self.name = name

    @property
    def _shape(self) -> Shape:
        return self.flow.shape

    @property
    def decorator_specs(self) -> Iterator[DecoratorSpec]:
        """Its decorators, the innermost first: built-in ones, then the user's own."""
        for declaration in list(self._shape.declared[self.name]):
            yield _spec_of(declaration)
        for applied in list(self._shape.applied[self.name]):
            yield _spec_of(applied)

    def add_decorator(
        self,
        deco_type: Decorator,
        deco_args: Sequence[Any] | None = None,
        deco_kwargs: Mapping[str, Any] | None = None,
        duplicates: int = _Decorated.IGNORE,
    ) -> bool:
        """Put a decorator on the step as the outermost: `retry`, a class of one's own, or a text `retry:times=2`.

        Returns whether it is there because of this call. Raises InvalidDeclaration.
        """
        said = specs.said_by(deco_type, deco_args or (), deco_kwargs or {}, where=user_location())
        single = [one for one in said.declared if not one.several]
        names = {_spec_of(one).path for one in (*single, *said.applied)}
        there = [spec for spec in self.decorator_specs if spec.path in names]
        if there and duplicates == self.IGNORE:
            return False
        if there and duplicates == self.ERROR:
            raise InvalidDeclaration(
                problem=f"step {self.name!r} has @{there[0].name} already",
                hint="say duplicates=MutableStep.OVERRIDE to replace it, or MutableStep.IGNORE to keep what is there",
                where=user_location(),
            )
        for spec in there:
            self.remove_decorator(spec.path)
        self._shape.declared[self.name] += said.declared
        self._shape.applied[self.name] += said.applied
        return True

    def remove_decorator(
        self, deco_name: str, deco_args: Sequence[Any] | None = None, deco_kwargs: Mapping[str, Any] | None = None
    ) -> bool:
        """Take a decorator off the step; with arguments, only one that has these. Returns whether there was one."""

        declared, applied = self._shape.declared[self.name], self._shape.applied[self.name]
        before = len(declared) + len(applied)
        declared[:] = [one for one in declared if not _goes(one, deco_name, deco_args, deco_kwargs)]
        applied[:] = [one for one in applied if not _goes(one, deco_name, deco_args, deco_kwargs)]
        return len(declared) + len(applied) < before

    def __repr__(self) -> str:
        return f"<step {self.name} of {self.flow.name}, to be changed>"


class MutableFlow(_Decorated):
    """A flow whose parameters and decorators a mutator looks at and changes; `.train` is its step `train`."""

    def __init__(self, flow: Any, *, changing: bool) -> None:
        self.__dict__.update(flow=flow, name=flow.__name__, changing=changing)

    @property
    def shape(self) -> Shape:
        """What the flow class holds."""
        shape: Shape = self.__dict__["flow"].__flagstone__
        return shape

    @property
    def parameters(self) -> Iterator[tuple[str, Any]]:
        """The parameters by attribute."""
        return iter(list(self.shape.parameters.items()))

    @property
    def configs(self) -> Iterator[tuple[str, Any]]:
        """The values of the configs by attribute."""
        return iter(list((self.shape.config_values or {}).items()))

    @property
    def steps(self) -> Iterator[tuple[str, MutableStep]]:
        """The steps by name."""
        return iter([(name, MutableStep(self, name)) for name in self.shape.steps])

    @property
    def decorator_specs(self) -> Iterator[DecoratorSpec]:
        """Its decorators: built-in ones, then mutators, the innermost first."""
        return iter([_spec_of(one) for one in (*self.shape.said, *self.shape.mutators)])

    def step(self, name: str) -> MutableStep:
        """The step called `name`. Raises InvalidDeclaration, which lists the steps."""
        if name not in self.shape.steps:
            raise InvalidDeclaration(
                problem=f"{self.__dict__['name']} has no step called {name!r}",
                hint=f"its steps are {', '.join(self.shape.steps)}",
                where=user_location(),
            )
        return MutableStep(self, name)

    def add_parameter(self, name: str, value: Any, overwrite: bool = False) -> None:
        """Give the flow a parameter as the attribute `name`. Raises InvalidName, InvalidDeclaration."""
        self._check_phase("a parameter is added")
        if not isinstance(value, Parameter):
            raise InvalidDeclaration(
                problem=f"add_parameter({name!r}, ...) is given {type(value).__name__!r}",
                hint=f"write add_parameter({name!r}, Parameter({name!r}, default=...))",
                where=user_location(),
            )
        flow, shape = self.__dict__["flow"], self.shape
        if name in shape.parameters and overwrite:
            self.remove_parameter(name)
        elif name in shape.protected or hasattr(flow, name):
            raise InvalidName(
                problem=f"{flow.__name__} has {name!r} already",
                hint="choose another name, or say overwrite=True to replace a parameter",
                where=user_location(),
            )
        check_parameter(flow, name, value, shape)
        self._replace(name, value)
        value.__set_name__(flow, name)
        shape.parameters[name] = value
        shape.protected[name] = "is a parameter: it cannot be assigned"

    def remove_parameter(self, parameter_name: str) -> bool:
        """Take a parameter from the flow; an artifact may have its name then. Returns whether there was one."""
        self._check_phase("a parameter is removed")
        if parameter_name not in self.shape.parameters:
            return False
        del self.shape.parameters[parameter_name], self.shape.protected[parameter_name]
        self._replace(parameter_name, _Removed())
        return True

    def add_decorator(
        self,
        deco_type: Decorator,
        deco_args: Sequence[Any] | None = None,
        deco_kwargs: Mapping[str, Any] | None = None,
        duplicates: int = _Decorated.IGNORE,
    ) -> bool:
        """Put a decorator on the flow. Returns whether it is there because of this call. Raises InvalidDeclaration."""
        self._check_phase("a decorator of the flow is added")
        said = specs.said_of_flow(deco_type, deco_args or (), deco_kwargs or {}, where=user_location())
        several = isinstance(said, Declaration) and said.several
        there = [] if several else [spec for spec in self.decorator_specs if spec.path == _spec_of(said).path]
        if there and duplicates == self.IGNORE:
            return False
        if there and duplicates == self.ERROR:
            raise InvalidDeclaration(
                problem=f"{self.__dict__['name']} has @{there[0].name} already",
                hint="say duplicates=MutableFlow.OVERRIDE to replace it, or MutableFlow.IGNORE to keep what is there",
                where=user_location(),
            )
        for spec in there:
            self.remove_decorator(spec.path)
        if isinstance(said, Applied):
            self.shape.mutators.append(said)
        else:
            self.shape.said.append(said)
        return True

    def remove_decorator(
        self, deco_name: str, deco_args: Sequence[Any] | None = None, deco_kwargs: Mapping[str, Any] | None = None
    ) -> bool:
        """Take a decorator off the flow; with arguments, only one that has these. Returns whether there was one."""
        self._check_phase("a decorator of the flow is removed")
        found = False
        for decorators in (self.shape.said, self.shape.mutators):
            kept = [one for one in decorators if not _goes(one, deco_name, deco_args, deco_kwargs)]
            found = found or len(kept) < len(decorators)
            decorators[:] = kept
        return found

    def _check_phase(self, what: str) -> None:
        if not self.__dict__["changing"]:
            raise InvalidDeclaration(
                problem=f"{what} where that is too late",
                hint="do it in pre_mutate of a FlowMutator: the command line is made of what is there then",
                where=user_location(),
            )

    def _replace(self, name: str, value: Any) -> None:
        """Put something on the class itself, so that it can be taken away again."""
        flow = self.__dict__["flow"]
        self.shape.replaced.append((name, vars(flow).get(name)))
        setattr(flow, name, value)

    def __getattr__(self, name: str) -> MutableStep:
        if name.startswith("_") or name not in self.shape.steps:
            raise AttributeError(
                f"{self.__dict__['name']} has no step {name!r}: its steps are {listed(list(self.shape.steps))}"
            )
        return MutableStep(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        raise InvalidDeclaration(
            problem=f"a mutator assigns {name!r}: the steps of a flow cannot be added, removed or rewired",
            hint="add decorators with add_decorator and parameters with add_parameter",
            where=user_location(),
        )

    def __delattr__(self, name: str) -> None:
        self.__setattr__(name, None)

    def __repr__(self) -> str:
        return f"<flow {self.__dict__['name']}, to be changed>"


class _Removed:
    """Stands on a class where a base has a parameter: there is none, and an artifact may have its name."""

    def __get__(self, flow: object, owner: type | None = None) -> Any:
        raise AttributeError("this parameter was removed by a mutator")


def _spec_of(one: Declaration | Applied) -> DecoratorSpec:
    if isinstance(one, Applied):
        return DecoratorSpec(one.kind.__name__, path_of(one.kind), one.args, one.kwargs)
    name = one.called()
    given = {field: value for field, value in msgspec.structs.asdict(one).items() if value is not None}
    return DecoratorSpec(name, f"flagstone.{name}", (), given)


def _answers(spec: DecoratorSpec, name: str) -> bool:
    return name in (spec.name, spec.path) or spec.path.endswith(f".{name}")


def _goes(one: Declaration | Applied, name: str, args: Sequence[Any] | None, kwargs: Mapping[str, Any] | None) -> bool:
    spec = _spec_of(one)
    same = (args is None or tuple(args) == spec.args) and (kwargs is None or dict(kwargs) == spec.kwargs)
    return same and _answers(spec, name)
