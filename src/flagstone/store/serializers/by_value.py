"""What plain pickle cannot refer to by name: functions, lambdas and local classes, stored with their code."""

import io
import sys
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any

from flagstone.store.serializers.pickled import PROTOCOL, PickleSerializer, aside


class CloudpickleSerializer(PickleSerializer):
    """cloudpickle, but the classes of the script stay references: inside a flow `isinstance` must hold."""

    name = "cloudpickle"

    def dump(self, value: Any, keep: Callable[[memoryview], None]) -> bytes:
        """The body. Raises what cloudpickle raises."""
        file = io.BytesIO()
        _pickler()(file, PROTOCOL, aside(keep)).dump(value)
        return file.getvalue()


@cache
def _pickler() -> Any:
    import cloudpickle

    class Pickler(cloudpickle.Pickler):  # made here, since the base class is loaded only when it is needed
        by_value: Any = cloudpickle.Pickler.reducer_override

        def reducer_override(self, obj: Any) -> Any:
            if isinstance(obj, type) and obj.__module__ == "__main__" and _is_importable(obj):
                return NotImplemented
            if isinstance(obj, io.TextIOWrapper) and obj not in (sys.stdout, sys.stderr):
                raise TypeError("an open file: cloudpickle would silently store a copy of what is in it")
            reduced: Any = self.by_value(obj)
            return reduced

    return Pickler


def _is_importable(kind: type) -> bool:
    try:
        return attrgetter(kind.__qualname__)(sys.modules["__main__"]) is kind
    except AttributeError:
        return False
