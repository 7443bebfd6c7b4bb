"""`Parameter`: a value that the one who runs the flow chooses; its type, default, help and parsing."""

import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn

from flagstone.dsl import registry
from flagstone.dsl.complaint import install_hook, user_location
from flagstone.dsl.delaying import holds_delayed, is_delayed
from flagstone.dsl.kinds import JSON, PLAIN, TEXT, TRUTH, Kind, Refused, Separated
from flagstone.kit import late
from flagstone.kit.text import preview
from flagstone.model.errors import InvalidName, InvalidParameter

RESERVED_OPTIONS = frozenset(
    {"params", "with", "tag", "namespace", "obj", "tags", "decospecs", "run-id-file", "max-num-splits", "max-workers"}
    | {"max-log-size", "user-namespace", "run-id", "task-id", "runner-attribute-file", "keep-going", "isolation"}
    | {"json", "quiet", "origin-run-id", "help", "compat", "runner-folder"}
)


def _is_word(name: object) -> bool:
    return isinstance(name, str) and name != "" and not name.startswith("-") and " " not in name


class JSONTypeClass:
    """The type of parameters given as JSON text."""

    name = "JSON"

    def __repr__(self) -> str:
        return "JSON"


JSONType = JSONTypeClass()


class ParameterContext(NamedTuple):
    """What a callable default is given."""

    flow_name: str
    user_name: str
    parameter_name: str
    logger: Callable[[str], None]
    ds_type: str = "local"
    configs: Mapping[str, Any] = MappingProxyType({})


class Parameter:
    """A value that the one who runs the flow chooses, and that every step reads as `self.<attribute>`.

    `type` is str, int, float, bool, JSONType, list, dict, `datetime.date`, `datetime.datetime`, `pathlib.Path`, an
    enum, a dataclass, a msgspec Struct or a pydantic model; without it, the annotation of the attribute, else the type
    of `default`, else str. `choices` lists the only values there are. `default` may be a function of a
    ParameterContext (or of nothing), called when a run starts. `separator` splits a text into a list, `multiple` lets
    the option be given several times, `is_flag` makes it `--name/--no-name`. Every argument but the name may come from
    a config. Raises InvalidParameter and InvalidName where the class is defined.
    """

    def __init__(
        self,
        name: str,
        default: Any = None,
        type: Any = None,  # noqa: A002 - the name is shared with Metaflow
        help: str | None = None,  # noqa: A002 - likewise
        required: bool | None = None,
        show_default: bool | None = None,
        separator: str | None = None,
        **more: Any,
    ) -> None:
        install_hook()  # from here on, until the flow is started, only it shows what is wrong
        self.name = name
        self.attribute = ""
        self.where = user_location()
        if is_delayed(name):
            raise InvalidName(problem="the name of a parameter cannot come from a config", where=self.where)
        if not _is_word(name):
            raise InvalidName(
                problem=f"Parameter({name!r}): a name is a word without spaces, as in 'alpha'", where=self.where
            )
        if name.lower().replace("_", "-") in RESERVED_OPTIONS:
            raise InvalidName(
                problem=f"Parameter({name!r}): --{name} is an option of `run` itself",
                hint="choose another name",
                where=self.where,
            )
        self._given: dict[str, Any] = {
            "default": default,
            "type": type,
            "help": help,
            "required": required,
            "show_default": show_default,
            "separator": separator,
            **more,
        }
        self._annotation: Any = None
        self.waits = holds_delayed(self._given)  # for a config: only `settle` knows its arguments
        self._take(dict.fromkeys(self._given) if self.waits else self._given)

    def settle(self, resolved: Callable[[Any], Any]) -> None:
        """Take the arguments that had to wait for the configs. Raises InvalidParameter."""
        if self.waits:
            self._take(resolved(self._given))

    def _take(self, given: Mapping[str, Any]) -> None:
        more = dict(given)
        self.default = more.pop("default")
        self.help = self._text("help", more.pop("help")) or ""
        self.show_default = more.pop("show_default") is not False
        self.separator = self._text("separator", more.pop("separator"))
        self.is_flag = bool(more.pop("is_flag", False))
        self.multiple = bool(more.pop("multiple", False))
        self.hidden = bool(more.pop("hidden", False))
        self.required = bool(more.pop("required")) and self.default is None
        self.kind = self._kind(more.pop("type"), more.pop("choices", None))
        self.metavar = more.pop("metavar", None) or self.kind.metavar
        if more:
            raise self.wrong(f"the argument {min(more)!r} is not known")
        if self.separator is not None:
            if self.kind is not TEXT:
                raise self.wrong("separator= goes with texts only", "leave type= out, or make it str")
            self.kind = Separated(self.separator)
        if self.default is not None and not callable(self.default):
            self.default = self.check(self.default)

    def _text(self, argument: str, value: Any) -> str | None:
        """An argument that has to be a text, where it is given. Raises InvalidParameter."""
        if value is None or isinstance(value, str):
            return value
        raise self.wrong(f"{argument}={preview(value)}: a text is expected")

    @property
    def type_name(self) -> str:
        """The kind of its values, in a word."""
        return self.kind.name

    @property
    def choices(self) -> tuple[str, ...]:
        """Every value it takes, as text; empty when they cannot be listed."""
        return self.kind.choices

    def _kind(self, kind: Any, choices: Any) -> Kind:
        if choices is not None:
            try:
                return late.load(registry.CHOICE)(choices)  # type: ignore[no-any-return]  # loaded by name
            except Refused as error:
                raise self.wrong(error.problem, error.hint) from None
        if kind is None:
            kind = self._annotation
        if kind is None:
            if self.is_flag:
                return TRUTH
            if self.default is None or callable(self.default):
                return TEXT
            kind = type(self.default[0] if self.multiple and self.default else self.default)
            if kind in (list, dict, tuple):
                return TEXT if self.separator or self.multiple else JSON
        if isinstance(kind, JSONTypeClass) or kind is JSONTypeClass:
            return JSON
        found: Kind | None = PLAIN.get(kind) if isinstance(kind, type) else None
        found = found or late.load(registry.RICH_KIND)(kind)
        if found is None:
            shown = getattr(kind, "__name__", kind)
            known = "str, int, float, bool, list, dict, date, datetime, Path, an enum, a model or JSONType"
            raise self.wrong(f"type={shown} is not known", f"use {known}")
        return found

    def read_annotation(self, owner: type) -> None:
        """Take the type from `alpha: float = Parameter(...)` where type= does not say it. Raises InvalidParameter."""
        given = self._given
        if given["type"] is not None or given["separator"] is not None or given.get("choices") is not None:
            return
        annotations = vars(owner).get("__annotations__") or getattr(owner, "__annotations__", {})
        found = annotations.get(self.attribute)
        if isinstance(found, str):
            try:
                found = eval(found, vars(sys.modules[owner.__module__]), dict(vars(owner)))
            except Exception:  # noqa: BLE001 - a name that only type checkers know
                return
        if found in (None, Any, object) or found is type(self):
            return
        elements = getattr(found, "__args__", None)
        if self.multiple and elements:
            found = elements[0]
        self._annotation = found
        if not self.waits:
            self._take(given)

    def wrong(self, problem: str, hint: str = "") -> InvalidParameter:
        """The error about this parameter."""
        return InvalidParameter(name=self.name, problem=problem, hint=hint, where=self.where)

    def __set_name__(self, owner: type, attribute: str) -> None:
        self.attribute = attribute

    def __get__(self, flow: Any, owner: type | None = None) -> Any:
        """On a flow in a step: the value. On the class: the parameter itself."""
        if flow is None:
            return self
        return flow._flagstone.parameter(self.attribute)

    def __set__(self, flow: Any, value: Any) -> NoReturn:
        flow._flagstone.refuse(self.attribute)
        raise AssertionError("refuse always raises")

    def parse(self, text: str) -> Any:
        """The value that `text` stands for. Raises InvalidParameter."""
        try:
            return self.kind.parse(text)
        except Refused as error:
            raise self.wrong(error.problem, error.hint) from None

    def check(self, value: Any) -> Any:
        """The value of a default or of a call from Python, converted where nothing is lost. Raises InvalidParameter."""
        if value is None:
            return None
        try:
            if self.multiple:
                several = [value] if isinstance(value, str) else list(value)
                return [self.kind.check(one) for one in several]
            return self.kind.check(value)
        except Refused as error:
            raise self.wrong(error.problem, error.hint) from None

    def resolve(self, context: ParameterContext) -> Any:
        """The default, computed if it is a function. Raises InvalidParameter for a missing or ill-typed one."""
        if self.required:
            raise self.wrong("it is required", f"give it: --{self.name} VALUE")
        if not callable(self.default):
            return [] if self.multiple and self.default is None else self.default
        takes = getattr(getattr(self.default, "__code__", None), "co_argcount", 1)
        try:
            value = self.default(context) if takes else self.default()
        except Exception as error:
            raise self.wrong(f"its default raised {type(error).__name__}: {error}") from error
        return self.check(value)

    def recorded(self, value: Any, given: Any) -> Any:
        """What is shown of a run with this value, and what the run is found by: the value, whatever it was given as."""
        return value

    def default_text(self) -> str | None:
        """The default as help shows it; None when there is none or when a function computes it."""
        if self.default is None or callable(self.default):
            return None
        if self.multiple:
            return ", ".join(map(self.kind.text, self.default))
        return self.kind.text(self.default)

    def __repr__(self) -> str:
        return f"Parameter({self.name!r}, type={self.type_name})"
