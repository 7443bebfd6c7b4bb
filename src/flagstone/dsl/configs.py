"""`Config`: what is decided before a flow is read, from a file or a value; decorators and parameters may use it."""

from collections.abc import Callable, Mapping
from os import PathLike
from typing import Any, NoReturn

from flagstone.dsl.complaint import install_hook, user_location
from flagstone.dsl.delayed import ConfigName, Delayed
from flagstone.model.errors import InvalidConfig, InvalidName, Location


class ConfigSpec:
    """What a `Config` was made with."""

    __slots__ = ("default", "default_value", "help", "name", "parser", "plain", "required", "where")

    def __init__(self, name: str, where: Location | None) -> None:
        self.name = name
        self.where = where
        self.default: Any = None
        self.default_value: Any = None
        self.help = ""
        self.required = False
        self.parser: str | Callable[[str], Any] | None = None
        self.plain = False

    def wrong(self, problem: str, hint: str = "") -> InvalidConfig:
        """The error about this config."""
        return InvalidConfig(name=f"config {self.name!r}", problem=problem, hint=hint, where=self.where)


class Config(Delayed):
    """A config of the flow: read before anything else of the flow is settled, the same for a whole run.

    `default` is the path of a file (or a function that gives one), `default_value` a value or its text (likewise);
    `--config NAME FILE` and `--config-value NAME JSON` before the verb replace them. The text is JSON, or what the
    file's suffix says (.toml, .yaml, .yml), or what `parser` makes of it: a function of the text, or the dotted name
    of one. It has to give a mapping, which steps read as a ConfigValue; with `plain`
    it is whatever the parser gives, or the text itself.

    In the class body, `cfg.train.epochs` can go into decorators and parameters: it is looked up when the configs are
    known. In steps, `self.cfg.train.epochs` is the value. Raises InvalidConfig, InvalidName.
    """

    __flagstone_config__ = True
    __slots__ = ("_flagstone_spec",)

    _flagstone_spec: ConfigSpec
    _flagstone_root: ConfigName

    def __init__(
        self,
        name: str,
        default: Any = None,
        default_value: Any = None,
        help: str | None = None,  # noqa: A002 - the name is shared with Metaflow
        required: bool | None = None,
        parser: str | Callable[[str], Any] | None = None,
        plain: bool = False,
    ) -> None:
        install_hook()
        spec = ConfigSpec(name, user_location())
        super().__init__(ConfigName(str(name)), (), spec.where)
        object.__setattr__(self, "_flagstone_spec", spec)
        if not _is_word(name):
            problem = f"Config({name!r}): a name is a word of letters, digits, - and _, as in 'training'"
            raise InvalidName(problem=problem, where=spec.where)
        if default is not None and default_value is not None:
            raise spec.wrong("it has a default and a default_value", "keep the one that is meant")
        if default is not None and not (isinstance(default, str | PathLike) or callable(default)):
            hint = "give what is not in a file as default_value="
            raise spec.wrong(f"default={default!r}: the path of a file is expected", hint)
        if parser is not None and not (isinstance(parser, str) or callable(parser)):
            raise spec.wrong(f"parser={parser!r} is neither a function nor the name of one")
        spec.default, spec.default_value = default, default_value
        spec.help, spec.parser, spec.plain = help or "", parser, plain
        spec.required = bool(required) and default is None and default_value is None

    def __set_name__(self, owner: type, attribute: str) -> None:
        self._flagstone_root.text = attribute  # also of the chains that began with it in the class body

    def __get__(self, flow: Any, owner: type | None = None) -> Any:
        """On a flow in a step: the value. On the class: the value once it is known, before that the config itself."""
        attribute = self._flagstone_root.text
        state = getattr(flow, "_flagstone", None)
        if state is not None:
            return state.parameter(attribute)
        known: Mapping[str, Any] | None = getattr(getattr(owner, "__flagstone__", None), "config_values", None)
        return known[attribute] if known is not None and attribute in known else self

    def __set__(self, flow: Any, value: Any) -> NoReturn:
        flow._flagstone.refuse(self._flagstone_root.text)
        raise AssertionError("refuse always raises")

    def __repr__(self) -> str:
        return str(self._flagstone_root.text)


def _is_word(name: object) -> bool:
    return isinstance(name, str) and not name.startswith("-") and name.replace("-", "_").isidentifier()


def spec_of(config: Config) -> ConfigSpec:
    """What a config was made with; its own attributes are the keys of its value."""
    return config._flagstone_spec
