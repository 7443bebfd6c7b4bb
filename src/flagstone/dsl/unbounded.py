"""A foreach over what nobody can count beforehand."""

from collections.abc import Iterator
from typing import Any


class UnboundedForeachInput:
    """Derive from this and write `__iter__`: a foreach over an instance runs a task for each element that it yields.

    The elements are stored one by one as they come, and never held in memory together; the instance itself stays as
    it is on `self`.
    """

    def __iter__(self) -> Iterator[Any]:
        msg = f"{type(self).__name__} has no __iter__"
        raise TypeError(msg)
