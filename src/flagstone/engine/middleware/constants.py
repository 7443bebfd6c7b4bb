"""Class attributes that a step changes in place become artifacts of the task, so that the change is not lost."""

import pickle
from typing import Any, ClassVar

from flagstone.engine.attempt import Attempt, Proceed
from flagstone.model.declaring import Declaration

_FIXED = (int, float, complex, str, bytes, bool, type(None))


class KeepConstants:
    """Compares mutable class attributes before and after a step."""

    understands: ClassVar[tuple[type[Declaration], ...]] = ()

    def wrap(self, attempt: Attempt, proceed: Proceed) -> None:
        """Run; what was changed in place is then an attribute of the flow object, as if it had been assigned."""
        constants = attempt.flow.__flagstone__.constants
        if not constants:
            proceed()
            return
        before = {name: _picture(value) for name, value in constants.items() if not isinstance(value, _FIXED)}
        attempt.flow._uncover()
        try:
            proceed()
        finally:
            for name, picture in before.items():
                if picture and _picture(constants[name]) != picture:
                    attempt.flow.__dict__.setdefault(name, constants[name])
                    constants[name] = pickle.loads(picture)
                    setattr(type(attempt.flow), name, constants[name])  # as it was, for the next task of this process


def _picture(value: Any) -> bytes:
    """Bytes that differ when the value differs; empty for what has no picture, and is then taken as unchanged."""
    try:
        return pickle.dumps(value, protocol=5)
    except Exception:  # noqa: BLE001 - a user's __reduce__ may raise anything
        return b""
