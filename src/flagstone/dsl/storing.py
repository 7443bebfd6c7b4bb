"""Why a flow object, and the inputs of a join, cannot be part of an artifact."""

from typing import NoReturn

from flagstone.model.errors import UserError


def refuse_to_be_stored() -> NoReturn:
    """What pickling `self` or an input comes to: they live in their task only. Raises UserError."""
    raise UserError(
        message="a flow cannot be stored: `self` (or one of the inputs) is part of an artifact",
        hint="store the values that you need, as in self.score = inputs[0].score",
    )
