"""What every verb knows about how it was called."""

from typing import Any, NamedTuple

from flagstone.dsl.flow import FlowSpec


class Door(NamedTuple):
    """One call of the command line."""

    program: str  # what the person typed before the verb: `flagstone`, or `python flow.py`
    flow: type[FlowSpec] | None = None  # the flow whose script was started
    suffix: str = ""  # what follows the verb in a call like this one: the file, for `flagstone run FILE`
    quiet: bool = False
    namespace: str | None = None
    with_decorators: tuple[str, ...] = ()
    config_files: tuple[tuple[str, str], ...] = ()  # `--config NAME FILE` before the verb
    config_values: tuple[tuple[str, str], ...] = ()  # `--config-value NAME JSON`, likewise
    flow_options: tuple[tuple[str, Any], ...] = ()  # `--branch`, `--production`, `--trigger` before the verb
    package_suffixes: str | None = None  # which files are code of the flow, as in `.py,.sql`

    def call(self, verb: str) -> str:
        """How a person calls another verb of the same kind: `python flow.py resume`, `flagstone resume flow.py`."""
        return " ".join(part for part in (self.program, verb, self.suffix) if part)
