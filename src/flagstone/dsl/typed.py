"""What stands behind an annotation, as a type checker sees it: a call whose value fits any type.

`alpha: float = Parameter("alpha")` is right in a step, where `self.alpha` is a float. Nothing imports this module when
a flow runs: see `TYPE_CHECKING` in `flagstone/__init__.py`.
"""

from typing import Any

from flagstone.dsl import parameters


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
