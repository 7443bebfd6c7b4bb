"""Methods that a flow class has and its instances have not, so that a step may use the name for an artifact."""

from collections.abc import Callable
from functools import partial
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class OnClass(Generic[P, R]):
    """`MyFlow.resume()` calls the function with the class; `self.resume` in a step is an artifact like any other."""

    def __init__(self, function: Callable[Concatenate[Any, P], R]) -> None:
        self.__func__ = function
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> Callable[P, R]:
        if instance is not None:
            raise AttributeError(self._name)  # Python then asks the instance's own __getattr__
        return partial(self.__func__, owner)
