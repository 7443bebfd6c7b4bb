"""Which serializers there are, the most specific one first: a name and where its class lies."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flagstone.kit import late
from flagstone.ports.serializer import Serializer

MainResolver = Callable[[str], Any]

BUILT_IN = {
    "array": "flagstone.store.serializers.arrays:ArraySerializer",
    "bytes": "flagstone.store.serializers.raw_bytes:BytesSerializer",
    "pickle": "flagstone.store.serializers.pickled:PickleSerializer",
    "cloudpickle": "flagstone.store.serializers.by_value:CloudpickleSerializer",
    "metaflow": "flagstone.store.serializers.theirs:MetaflowSerializer",
}

# Classes of Metaflow's that values of its runs are made of, and what stands for them here.
THEIRS = {
    "metaflow.exception:MetaflowExceptionWrapper": "flagstone.dsl.caught:CaughtException",
    "metaflow.plugins.timeout_decorator:TimeoutException": "flagstone.dsl.caught:TimeoutException",
    "metaflow.user_configs.config_parameters:ConfigValue": "flagstone.dsl.config_value:ConfigValue",
}

GROUP = "flagstone.serializers"  # the entry points that add more; asked for what none of the above can store


class Registry:
    """The serializers of one store, made when they are needed."""

    def __init__(self) -> None:
        self._main: MainResolver | None = None
        self._made: dict[str, Serializer] = {}
        self._added: tuple[Serializer, ...] | None = None

    @contextmanager
    def reading(self, main: MainResolver | None) -> Iterator[None]:
        """While it lasts, `main` finds the names of scripts that are not here."""
        before, self._main = self._main, main
        try:
            yield
        finally:
            self._main = before

    def find_in_main(self, name: str) -> Any:
        """What a script called `name`. Raises AttributeError where nobody knows."""
        if self._main is None:
            raise AttributeError(name)
        return self._main(name)

    def __iter__(self) -> Iterator[Serializer]:
        """All serializers in the order in which they are asked."""
        for name in BUILT_IN:
            yield self._built_in(name)
        yield from self._installed()

    def named(self, name: str) -> Serializer | None:
        """The serializer that values were stored with; None when it is not installed."""
        if name in BUILT_IN:
            return self._built_in(name)
        return next((serializer for serializer in self._installed() if serializer.name == name), None)

    def _built_in(self, name: str) -> Serializer:
        serializer = self._made.get(name)
        if serializer is None:
            made: Serializer = late.load(BUILT_IN[name])(self.find_in_main)
            serializer = self._made[name] = made
        return serializer

    def _installed(self) -> tuple[Serializer, ...]:
        if self._added is None:
            self._added = tuple(entry.load()() for entry in late.installed(GROUP))
        return self._added
