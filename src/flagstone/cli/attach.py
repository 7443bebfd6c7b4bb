"""`--with resources:cpu=2`: puts a decorator on every step that does not declare it itself."""

from flagstone.dsl import specs
from flagstone.dsl.flow import FlowSpec
from flagstone.dsl.mutating import pre_mutate


def attach(flow: type[FlowSpec], text: str) -> None:
    """Decorate the steps that lack it as `name:attribute=value,attribute=value` says. Raises InvalidDeclaration."""
    pre_mutate(flow)
    specs.attach(flow, text)
