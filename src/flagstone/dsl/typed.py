"""What stands behind an annotation, as a type checker sees it: a call whose value fits any type.

`alpha: float = Parameter("alpha")` is right in a step, where `self.alpha` is a float. Nothing imports this module when
a flow runs: see `TYPE_CHECKING` in `flagstone/__init__.py`.
"""

from collections.abc import Callable
from typing import Any

from flagstone.dsl import configs, includes, parameters


class Parameter(parameters.Parameter):
    """A value that the one who runs the flow chooses, and that every step reads as `self.<attribute>`."""

    def __new__(
        cls,
        name: str,
        default: Any = None,
        type: Any = None,  # noqa: A002 - the name is shared with Metaflow
        help: str | None = None,  # noqa: A002 - likewise
        required: bool | None = None,
        show_default: bool | None = None,
        separator: str | None = None,
        **more: Any,
    ) -> Any:
        """The arguments of the class itself."""


class Config(configs.Config):
    """A config of the flow: read before anything else of the flow is settled, the same for a whole run."""

    def __new__(
        cls,
        name: str,
        default: Any = None,
        default_value: Any = None,
        help: str | None = None,  # noqa: A002 - likewise
        required: bool | None = None,
        parser: str | Callable[[str], Any] | None = None,
        plain: bool = False,
    ) -> Any:
        """The arguments of the class itself."""


class IncludeFile(includes.IncludeFile):
    """A local file, read when a run starts and stored with it: steps read its content as `self.<attribute>`."""

    def __new__(
        cls,
        name: str,
        required: bool | None = None,
        is_text: bool | None = None,
        encoding: str | None = None,
        help: str | None = None,  # noqa: A002 - likewise
        default: Any = None,
        parser: str | Callable[[Any], Any] | None = None,
        **more: Any,
    ) -> Any:
        """The arguments of the class itself."""
