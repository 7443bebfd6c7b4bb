"""`FlowSpec`: the class that flows derive from, and what `self` can do in a step."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from flagstone.dsl import entry
from flagstone.dsl.choosing import choose
from flagstone.dsl.complaint import install_hook, user_location
from flagstone.dsl.delaying import holds_delayed
from flagstone.dsl.on_class import OnClass
from flagstone.dsl.parameters import Parameter
from flagstone.dsl.shape import Shape
from flagstone.dsl.storing import refuse_to_be_stored
from flagstone.model.errors import (
    FlagstoneError,
    InvalidName,
    Location,
    MergeError,
    NoSuchArtifact,
)

if TYPE_CHECKING:  # only named in annotations: a command line starts without them
    from flagstone.client.run import Run
    from flagstone.dsl.inputs import Inputs
    from flagstone.dsl.task_state import TaskState

RESERVED = frozenset(
    {"name", "next", "input", "index", "cmd", "script_name", "foreach_stack", "merge_artifacts", "run"}
)


def _run(cls: type, /, **given: Any) -> Run:
    """Run the flow to its end, in this process, and return its Run: `MyFlow.run(alpha=3, tags=["first"])`.

    Keywords are parameters, and the options of `run`: `tags`, `max_workers`, `max_num_splits`, `namespace`,
    `run_id_file`, `isolation`, `keep_going` and `decospecs` (as `--with`); configs are given as
    `config={"cfg": "file.json"}` or `config_value={"cfg": {...}}`. `show_output=False` prints nothing.
    Raises RunFailed when a step fails, or with `check=False` returns the Run all the same; and InvalidParameter
    and whatever else keeps a run from beginning.
    """
    return entry.call(cls, "run", given)  # type: ignore[no-any-return]  # bound by name: see kit/late.py


def _resume(cls: type, /, **given: Any) -> Run:
    """Carry on with the newest run, or with `origin_run_id`; what succeeded there is not run again.

    `step_to_rerun` makes that step and what follows run again. Parameters and options are those of `run`. Raises
    NothingToResume, UnknownStep and what `run` raises.
    """
    return entry.call(cls, "resume", given)  # type: ignore[no-any-return]  # likewise


class FlowSpec:
    """Derive from this, mark methods with `@step`, end the file with `if __name__ == "__main__": MyFlow()`.

    Everything that a step assigns to `self` is an artifact: it is stored when the step ends and can be read by the
    steps after it, and later by anyone through `Run("MyFlow/1")`.
    """

    __slots__ = ("__dict__", "_flagstone")

    __flagstone__: ClassVar[Shape] = Shape()
    _flagstone: TaskState

    __flagstone_check_types__: ClassVar[bool] = True

    def __init_subclass__(cls, check_types: bool | None = None, **kwargs: Any) -> None:
        """`class MyFlow(FlowSpec, check_types=False)` does not compare artifacts with their annotations."""
        super().__init_subclass__(**kwargs)
        if check_types is not None:
            cls.__flagstone_check_types__ = check_types
        try:
            cls.__flagstone__ = shape_of(cls)
        except FlagstoneError:
            install_hook()
            raise

    def __init__(self, use_cli: bool = True) -> None:
        if use_cli:
            entry.start(type(self))

    run = OnClass(_run)
    resume = OnClass(_resume)

    # --- in a step -------------------------------------------------------------------------------------------

    def next(
        self,
        *targets: Any,
        foreach: str | None = None,
        num_parallel: int | None = None,
        condition: str | None = None,
    ) -> None:
        """Say which step or steps follow; the last statement of every step but the end.

        `self.next(self.a)` goes on with one step; `self.next(self.a, self.b)` with several at once, which a join
        brings together; `self.next(self.a, foreach="items")` with one task for each element of `self.items`;
        `self.next(self.a, num_parallel=4)` with four tasks that run at the same time and know each other;
        `self.next({"yes": self.a, "no": self.b}, condition="choice")` with the one that `self.choice` names, which
        may be an earlier step. Raises InvalidNextException.
        """
        choose(self, targets, foreach=foreach, num_parallel=num_parallel, condition=condition)

    @property
    def index(self) -> int | None:
        """The position of this task in the innermost foreach; None outside of one."""
        items = self._flagstone.items
        return items[-1].index if items else None

    @property
    def input(self) -> Any:
        """The element of the innermost foreach; None outside of one."""
        items = self._flagstone.items
        return self._flagstone.element(len(items) - 1) if items else None

    def foreach_stack(self) -> list[tuple[int, int, Any]]:
        """For each foreach around this task, from the outermost: index, number of elements, element."""
        state = self._flagstone
        return [(item.index, item.count, state.element(depth)) for depth, item in enumerate(state.items)]

    def merge_artifacts(
        self, inputs: Inputs, exclude: Iterable[str] | None = None, include: Iterable[str] | None = None
    ) -> None:
        """In a join: take over the artifacts that are equal in all inputs that have them and not set here yet.

        Equal means equal values. Artifacts that differ must be assigned before, or be named in `exclude`. Nothing is
        loaded unless digests differ. Raises UnhandledInMergeArtifactsException (nothing is merged then),
        MissingInMergeArtifactsException, MergeError.
        """
        state = self._flagstone
        if not state.step.joins:
            raise MergeError(
                problem=f"merge_artifacts belongs in a join, and step {state.step.name!r} takes no inputs",
                where=user_location(),
            )
        state.merge(inputs, self.__dict__.keys(), list(exclude or ()) or None, list(include or ()) or None)
        self._uncover()

    def _uncover(self) -> None:
        """Load what an earlier task changed of the class constants: an attribute of the class would hide it."""
        for name in self.__flagstone__.constants.keys() & self._flagstone.inherited.keys():
            self.__dict__[name] = self._flagstone.load(name)

    @property
    def name(self) -> str:
        """The flow's name."""
        return type(self).__name__

    @property
    def script_name(self) -> str:
        """The file that defines the flow, without its folder."""
        return os.path.basename(entry.file_of(type(self)))

    def __iter__(self) -> Iterator[Callable[..., Any]]:
        """The flow's steps."""
        return iter([getattr(self, name) for name in self.__flagstone__.steps])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_flagstone":
            raise AttributeError(name)
        try:
            value = self._flagstone.load(name)
        except NoSuchArtifact as error:
            error.where = user_location()
            raise
        self.__dict__[name] = value
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__flagstone__.protected:
            self._flagstone.refuse(name)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        if name in self.__flagstone__.protected:
            self._flagstone.refuse(name)
        if name not in self.__dict__ and name not in self._flagstone.inherited:
            raise NoSuchArtifact(owner=self.name, name=name, where=user_location())
        self.__dict__.pop(name, None)
        self._flagstone.forget(name)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        refuse_to_be_stored()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


def shape_of(cls: type) -> Shape:
    """Collect steps, parameters, constants and mutators from the class and its bases. Raises InvalidName."""
    shape = Shape()
    for base in reversed(cls.__mro__):
        if base is object or base is FlowSpec:
            continue
        for name, value in tuple(vars(base).items()):
            for kind in (shape.steps, shape.parameters, shape.constants, shape.configs, shape.delayed_constants):
                kind.pop(name, None)
            if hasattr(value, "__flagstone_step__"):
                shape.take(name, value)
            elif isinstance(value, Parameter):
                check_parameter(cls, name, value, shape)
                value.read_annotation(base)
                shape.parameters[name] = value
            elif hasattr(type(value), "__flagstone_config__"):
                _check_config(cls, name, value, shape)
                shape.configs[name] = value
            elif not holds_delayed(value) and hasattr(value, "misplaced") and hasattr(value, "applied"):
                raise value.misplaced(f"{cls.__name__}.{name}")
            elif _is_constant(name, value):
                if name in RESERVED:
                    raise _taken(cls, "class attribute", name, user_location())
                shape.constants[name] = value
                if holds_delayed(value):
                    shape.delayed_constants[name] = value
        shape.said += vars(base).get("__flagstone_said__", ())
        shape.mutators += [applied.again() for applied in vars(base).get("__flagstone_mutators__", ())]
    shape.protected.update(_protected(shape))
    shape.delays = shape.waits()
    return shape


def _is_constant(name: str, value: Any) -> bool:
    if name.startswith("_"):
        return False
    return holds_delayed(value) or not (
        callable(value) or isinstance(value, staticmethod | classmethod | property) or hasattr(value, "__get__")
    )


def check_parameter(cls: type, name: str, parameter: Parameter, shape: Shape) -> None:
    """Whether a flow can have this parameter besides those it has. Raises InvalidName."""
    if name in RESERVED or name.startswith("_"):
        raise _taken(cls, "parameter", name, parameter.where)
    for other in shape.parameters.values():
        if other.name.lower().replace("-", "_") == parameter.name.lower().replace("-", "_"):
            raise InvalidName(
                problem=f"two parameters of {cls.__name__} are called {parameter.name!r}",
                hint="give each its own name, also apart from upper and lower case",
                where=parameter.where,
            )


def _check_config(cls: type, name: str, config: Any, shape: Shape) -> None:
    where, called = config._flagstone_spec.where, config._flagstone_spec.name
    if name in RESERVED or name.startswith("_"):
        raise _taken(cls, "config", name, where)
    if any(other._flagstone_spec.name.lower() == called.lower() for other in shape.configs.values()):
        raise InvalidName(
            problem=f"two configs of {cls.__name__} are called {called!r}", hint="give each its own name", where=where
        )


def _taken(cls: type, kind: str, name: str, where: Location | None) -> InvalidName:
    why = (
        "names that start with _ are not artifacts" if name.startswith("_") else f"self.{name} has a meaning of its own"
    )
    return InvalidName(
        problem=f"the {kind} {cls.__name__}.{name} cannot have this name: {why}",
        hint=f"call the attribute something else, as in my_{name.strip('_')}",
        where=where,
    )


def _protected(shape: Shape) -> dict[str, str]:
    """The names that a step may not assign, each with the reason."""
    names = dict.fromkeys(RESERVED, "has a meaning of its own: it cannot be assigned")
    names |= dict.fromkeys(shape.constants, "is a class constant, the same for all steps: it cannot be assigned")
    names |= dict.fromkeys(shape.parameters, "is a parameter: it cannot be assigned")
    names |= dict.fromkeys(shape.configs, "is a config: it cannot be assigned")
    names |= dict.fromkeys(shape.steps, "is a step: an artifact cannot have its name")
    return names
