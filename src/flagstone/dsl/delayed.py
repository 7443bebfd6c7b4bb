"""`config_expr`, and what configs are while a class is being defined: expressions that are evaluated later."""

import sys
from collections.abc import Callable, Iterator, Mapping
from types import CodeType
from typing import Any, NamedTuple, NoReturn

from flagstone.dsl.complaint import install_hook, user_location
from flagstone.dsl.config_value import ConfigValue
from flagstone.model.errors import FlagstoneError, InvalidConfig, Location, TooEarly

_UNPACKED = "__flagstone_unpacked_"

Names = Mapping[str, Any]  # the values of a flow's configs


class Reach(NamedTuple):
    """One link of a chain: how it is written, and what it does."""

    text: str
    apply: Callable[[Any, Names], Any]


class Delayed:
    """A value that a config will give: `cfg`, `cfg.train["epochs"]`, `config_expr("cfg.epochs * 2")`.

    It can be passed on and reached into, and nothing else: every look at the value is refused until it is known.
    """

    __flagstone_delayed__ = True
    __slots__ = ("_flagstone_links", "_flagstone_root", "_flagstone_where")

    _flagstone_links: tuple[Reach, ...]
    _flagstone_root: "Expression | ConfigName"
    _flagstone_where: Location | None

    def __init__(self, root: "Expression | ConfigName", links: tuple[Reach, ...], where: Location | None) -> None:
        object.__setattr__(self, "_flagstone_root", root)
        object.__setattr__(self, "_flagstone_links", links)
        object.__setattr__(self, "_flagstone_where", where)

    def _flagstone_reach(self, text: str, apply: Callable[[Any, Names], Any]) -> "Delayed":
        links = (*self._flagstone_links, Reach(text, apply))
        return Delayed(self._flagstone_root, links, user_location() or self._flagstone_where)

    def __getattr__(self, name: str) -> "Delayed":
        if name.startswith(("__", "_flagstone")):
            raise AttributeError(name)
        return self._flagstone_reach(f".{name}", lambda value, _: getattr(value, name))

    def __getitem__(self, key: Any) -> "Delayed":
        if isinstance(key, str) and key.startswith(_UNPACKED):
            return self
        return self._flagstone_reach(f"[{key!r}]", lambda value, names: value[resolve(key, names)])

    def __call__(self, *args: Any, **kwargs: Any) -> "Delayed":
        return self._flagstone_reach(
            "(...)", lambda value, names: value(*resolve(args, names), **resolve(kwargs, names))
        )

    def keys(self) -> list[str]:
        """What `**config` asks for: one key that stands for all of them."""
        return [f"{_UNPACKED}{id(self)}"]

    def _flagstone_too_early(self, *_: object) -> NoReturn:
        install_hook()
        raise TooEarly(expression=repr(self), where=user_location())

    def __eq__(self, other: object) -> bool:
        return self is other or (not isinstance(other, Delayed) and self._flagstone_too_early())

    def __hash__(self) -> int:
        return id(self)

    def __iter__(self) -> Iterator[Any]:
        self._flagstone_too_early()

    __str__ = __format__ = __bool__ = _flagstone_too_early
    __len__ = __int__ = __float__ = __index__ = __contains__ = _flagstone_too_early
    __lt__ = __le__ = __gt__ = __ge__ = _flagstone_too_early
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _flagstone_too_early
    __floordiv__ = __mod__ = __or__ = __ror__ = __and__ = __neg__ = _flagstone_too_early

    def __repr__(self) -> str:
        return self._flagstone_root.text + "".join(link.text for link in self._flagstone_links)


class ConfigName:
    """Where a chain begins that begins with a config: its attribute on the flow."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def value(self, names: Names) -> Any:
        """The config's value. Raises LookupError for one of another flow."""
        return names[self.text]


class Expression(NamedTuple):
    """Where a chain begins that begins with `config_expr`."""

    source: str
    code: CodeType
    scope: Mapping[str, Any]  # the globals of whoever wrote it

    @property
    def text(self) -> str:
        """As it is written."""
        return f"config_expr({self.source!r})"

    def value(self, names: Names) -> Any:
        """Evaluate it."""
        return eval(self.code, {**self.scope, **names})


def config_expr(expression: str) -> Any:
    """A Python expression over the flow's configs, evaluated once they are known, as in `config_expr("cfg.gpus > 0")`.

    It sees the configs under their names and the globals of the file it stands in; its value goes where a config's
    value may go: into decorators and parameters. Raises InvalidConfig for what is not an expression.
    """
    where = user_location()
    try:
        code = compile(expression.strip(), "<config_expr>", "eval")
    except (SyntaxError, ValueError, AttributeError, TypeError) as error:
        install_hook()
        problem = f"it is not a Python expression: {getattr(error, 'msg', error)}"
        raise InvalidConfig(name=f"config_expr({expression!r})", problem=problem, where=where) from None
    return Delayed(Expression(expression, code, sys._getframe(1).f_globals), (), where)


def resolve(value: Any, names: Names) -> Any:
    """The value with everything in it replaced that was delayed; configs become plain dicts. Raises InvalidConfig."""
    if isinstance(value, Delayed):
        found = _evaluate(value, names)
        return found.to_dict() if isinstance(found, ConfigValue) else found
    if isinstance(value, dict):
        return _resolve_dict(value, names)
    if isinstance(value, tuple):
        items = [resolve(item, names) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if isinstance(value, list | set | frozenset):
        return type(value)(resolve(item, names) for item in value)
    return value


def _resolve_dict(value: dict[Any, Any], names: Names) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key, item in value.items():
        known = resolve(item, names)
        if not (isinstance(key, str) and key.startswith(_UNPACKED)):
            found[resolve(key, names)] = known
        elif isinstance(known, dict):
            found.update(known)
        else:
            problem = f"**{item!r} needs a mapping, and this is of type {type(known).__name__}"
            raise InvalidConfig(name=repr(item), problem=problem, where=item._flagstone_where)
    return found


def _evaluate(delayed: Delayed, names: Names) -> Any:
    done = delayed._flagstone_root.text
    try:
        value = delayed._flagstone_root.value(names)
        for link in delayed._flagstone_links:
            found = link.apply(value, names)
            value, done = found, done + link.text
    except FlagstoneError:
        raise
    except Exception as error:
        raise InvalidConfig(
            name=repr(delayed), problem=_trouble(error, done, delayed, names), where=delayed._flagstone_where
        ) from error
    return value


def _trouble(error: Exception, done: str, delayed: Delayed, names: Names) -> str:
    if isinstance(delayed._flagstone_root, ConfigName) and done == delayed._flagstone_root.text and done not in names:
        return f"this flow has no config {done!r}"
    what = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return (
        f"after {done}: {type(error).__name__}: {what}" if done != repr(delayed) else f"{type(error).__name__}: {what}"
    )
