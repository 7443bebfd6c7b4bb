"""Values as JSON text, for filters and people: dates, enums, paths, sets and models as what one would type for them."""

import enum
import json
import os
from typing import Any


def json_text(value: Any) -> str:
    """JSON, with sorted keys; what JSON cannot say is shown as its repr."""
    return json.dumps(value.name if _is_member(value) else value, sort_keys=True, default=_plain)


def _is_member(value: Any) -> bool:
    """Whether this is a member of an enum; of one whose members are texts or numbers, too."""
    return isinstance(value, enum.Enum)


def _plain(value: Any) -> Any:
    if _is_member(value):
        return value.name
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    if hasattr(value, "model_dump"):  # pydantic
        return value.model_dump(mode="json")
    fields = getattr(value, "__struct_fields__", None) or getattr(value, "__dataclass_fields__", None)
    if fields is not None and not isinstance(value, type):
        return {name: getattr(value, name) for name in fields}
    return repr(value)
