"""numpy arrays as the memory they are: any shape, either order, any type without Python objects in it."""

import pickle
from collections.abc import Callable, Sequence
from typing import Any

from flagstone.store.serializers.registry import MainResolver

_KINDS = frozenset("biufcmMSUV")
_LEAST = 16 << 10  # bytes; a smaller array rides in a pickle


class ArraySerializer:
    """Exactly `numpy.ndarray`: subclasses know more than their memory."""

    name = "array"

    def __init__(self, _: MainResolver | None = None) -> None:
        pass

    def claims(self, value: Any) -> bool:
        """Whether `value` is a large array of plain numbers, dates, fixed texts or records of these."""
        kind = type(value)
        if kind.__name__ != "ndarray" or kind.__module__ != "numpy":
            return False
        dtype = value.dtype
        return dtype.kind in _KINDS and not dtype.hasobject and dtype.metadata is None and value.nbytes >= _LEAST

    def dump(self, value: Any, keep: Callable[[memoryview], None]) -> bytes:
        """Type, shape and order; the memory is kept, copied only when it has gaps."""
        import numpy as np

        columns_first = value.flags.f_contiguous and not value.flags.c_contiguous
        whole: Any = np.ascontiguousarray(value.T if columns_first else value)
        keep(memoryview(whole.reshape(-1).view(np.uint8)))
        return pickle.dumps((value.dtype, value.shape, "F" if columns_first else "C"), 5)

    def load(self, body: memoryview, buffers: Sequence[memoryview]) -> Any:
        """An array over the block itself, writable."""
        import numpy as np

        dtype, shape, order = pickle.loads(body)
        return np.frombuffer(buffers[0], dtype=dtype).reshape(shape, order=order)
