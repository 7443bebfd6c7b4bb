"""`Parameter`: a value that the one who runs the flow chooses; its type, default, help and parsing."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from flagstone.dsl.complaint import install_hook, user_location
from flagstone.model.errors import InvalidName, InvalidParameter

JSON_HINT = "write JSON, as in '{\"a\": 1}' or '[1, 2]'"

RESERVED_OPTIONS = frozenset(
    {"params", "with", "tag", "namespace", "obj", "tags", "decospecs", "run-id-file", "max-num-splits", "max-workers"}
    | {"max-log-size", "user-namespace", "run-id", "task-id", "runner-attribute-file", "keep-going", "isolation"}
    | {"json", "quiet", "origin-run-id", "help", "compat", "runner-folder"}
)


class JSONTypeClass:
    """The type of parameters given as JSON text."""

    name = "JSON"

    def __repr__(self) -> str:
        return "JSON"


JSONType = JSONTypeClass()

_NAMES: dict[Any, str] = {str: "str", int: "int", float: "float", bool: "bool", JSONType: "json", JSONTypeClass: "json"}
_WORDS = {"true": True, "1": True, "yes": True, "on": True, "t": True, "y": True}
_WORDS |= {"false": False, "0": False, "no": False, "off": False, "f": False, "n": False}


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

    `type` is str, int, float, bool or JSONType; without it, the type of `default`, else str. `default` may be a
    function of a ParameterContext (or of nothing), called when a run starts. `separator` splits a text into a list.
    Raises InvalidParameter and InvalidName where the class is defined.
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
        self.default = default
        self.help = help or ""
        self.show_default = show_default is not False
        self.separator = separator
        self.is_flag = bool(more.pop("is_flag", False))
        self.multiple = bool(more.pop("multiple", False))
        self.attribute = ""
        self.where = user_location()
        self.required = bool(required) and default is None
        self.type_name = self._type_name(type)
        if not name or name.startswith("-") or " " in name:
            raise InvalidName(
                problem=f"Parameter({name!r}): a name is a word without spaces, as in 'alpha'", where=self.where
            )
        if name.lower().replace("_", "-") in RESERVED_OPTIONS:
            raise InvalidName(
                problem=f"Parameter({name!r}): --{name} is an option of `run` itself",
                hint="choose another name",
                where=self.where,
            )
        if more:
            raise self._wrong(f"the argument {min(more)!r} is not known")
        if separator is not None and self.type_name != "str":
            raise self._wrong("separator= goes with texts only", "leave type= out, or make it str")
        if default is not None and not callable(default):
            self.default = self.check(default)

    def _type_name(self, kind: Any) -> str:
        if kind is None:
            if self.is_flag:
                return "bool"
            if self.default is None or callable(self.default):
                return "str"
            kind = type(self.default)
            if kind in (list, dict, tuple):
                return "str" if self.separator else "json"
        try:
            return _NAMES[kind]
        except (KeyError, TypeError):
            shown = getattr(kind, "__name__", kind)
            raise self._wrong(f"type={shown} is not known", "use str, int, float, bool or JSONType") from None

    def _wrong(self, problem: str, hint: str = "") -> InvalidParameter:
        return InvalidParameter(name=self.name, problem=problem, hint=hint, where=self.where)

    def __set_name__(self, owner: type, attribute: str) -> None:
        self.attribute = attribute

    def __get__(self, flow: Any, owner: type | None = None) -> Any:
        """On a flow in a step: the value. On the class: the parameter itself."""
        if flow is None:
            return self
        return flow._flagstone.parameter(self.attribute)

    def __set__(self, flow: Any, value: Any) -> None:
        flow._flagstone.refuse(self.attribute)

    def parse(self, text: str) -> Any:
        """The value that `text` stands for. Raises InvalidParameter."""
        if self.type_name == "json":
            import json  # few parameters are JSON, and every command line would wait for it

            try:
                return json.loads(text)
            except ValueError as error:
                raise self._wrong(f"{text!r} is not JSON ({error})", JSON_HINT) from None
        if self.type_name == "bool":
            if text.lower() not in _WORDS:
                raise self._wrong(f"{text!r} is not a truth value", "write true or false")
            return _WORDS[text.lower()]
        if self.type_name == "str":
            return text.split(self.separator) if self.separator else text
        kind = int if self.type_name == "int" else float
        try:
            return kind(text)
        except ValueError:
            wanted = "a whole number" if kind is int else "a number"
            raise self._wrong(f"{text!r} is not {wanted}") from None

    def check(self, value: Any) -> Any:
        """The value of a default or of a call from Python, converted where nothing is lost. Raises InvalidParameter."""
        kind = self.type_name
        if self.multiple:
            return list(value)
        if kind == "json":
            return self.parse(value) if isinstance(value, str) else value
        if isinstance(value, str) and kind != "str":
            return self.parse(value)
        if kind == "float" and type(value) is int:
            return float(value)
        if kind == "str" and self.separator:
            return value.split(self.separator) if isinstance(value, str) else list(value)
        if type(value).__name__ != kind and value is not None:
            raise self._wrong(f"{value!r} is of type {type(value).__name__}, and {kind} is expected")
        return value

    def resolve(self, context: ParameterContext) -> Any:
        """The default, computed if it is a function. Raises InvalidParameter for a missing or ill-typed one."""
        if self.required:
            raise self._wrong("it is required", f"give it: --{self.name} VALUE")
        if not callable(self.default):
            return [] if self.multiple and self.default is None else self.default
        takes = getattr(getattr(self.default, "__code__", None), "co_argcount", 1)
        try:
            value = self.default(context) if takes else self.default()
        except Exception as error:
            raise self._wrong(f"its default raised {type(error).__name__}: {error}") from error
        return self.check(value)

    def default_text(self) -> str | None:
        """The default as help shows it; None when there is none or when a function computes it."""
        if self.default is None or callable(self.default):
            return None
        if self.type_name == "json":
            import json  # see `parse`

            return json.dumps(self.default)
        if self.separator and isinstance(self.default, list):
            return self.separator.join(map(str, self.default))
        return str(self.default)

    def __repr__(self) -> str:
        return f"Parameter({self.name!r}, type={self.type_name})"
