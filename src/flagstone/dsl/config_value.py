"""`ConfigValue`: what a config holds, a dict that nobody changes, with its keys as attributes too."""

from collections.abc import Mapping
from typing import Any, NoReturn


class ConfigValue(dict[Any, Any]):
    """A read-only dict whose keys are attributes too: `config.train.epochs` is `config["train"]["epochs"]`.

    Mappings inside, also those in lists, tuples and sets, are ConfigValues themselves. Every attempt to change it
    raises TypeError; `to_dict()` gives a copy that may be changed.
    """

    __slots__ = ()

    def __init__(self, data: Mapping[Any, Any] = {}, /, **more: Any) -> None:
        super().__init__({key: _frozen(value) for key, value in {**data, **more}.items()})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            there = ", ".join(map(str, self)) or "nothing"
            raise AttributeError(f"there is no {name!r} in this config: it has {there}") from None

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(key for key in self if isinstance(key, str) and key.isidentifier())})

    def to_dict(self) -> dict[Any, Any]:
        """The same as plain dicts all the way down."""
        return {key: _thawed(value) for key, value in self.items()}

    def __reduce__(self) -> tuple[Any, ...]:
        return ConfigValue, (dict(self),)

    def _refuse(self, *args: object, **more: object) -> NoReturn:
        """Refused: a config cannot be changed. Raises TypeError."""
        raise TypeError("a config cannot be changed: to_dict() gives a copy that can")

    __setitem__ = __delitem__ = __setattr__ = __delattr__ = __ior__ = _refuse
    update = pop = popitem = clear = setdefault = _refuse


def _frozen(value: Any) -> Any:
    if isinstance(value, ConfigValue):
        return value
    return ConfigValue(value) if isinstance(value, Mapping) else _each(value, _frozen)


def _thawed(value: Any) -> Any:
    return value.to_dict() if isinstance(value, ConfigValue) else _each(value, _thawed)


def _each(value: Any, change: Any) -> Any:
    """The same collection of changed elements; anything else as it is."""
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(change(item) for item in value)
    return value
