"""What is only recorded on this machine: decorators of engines beyond it."""

from typing import ClassVar

from flagstone.engine.attempt import Attempt, Proceed
from flagstone.model.declaring import Declaration
from flagstone.model.plan import Plan
from flagstone.model.remote import Batch, Conda, Kubernetes, Pypi


class OnlyRecorded:
    """Understands them all and does nothing about them; `remarks` says so once a run."""

    understands: ClassVar[tuple[type[Declaration], ...]] = (Kubernetes, Batch, Conda, Pypi)

    def wrap(self, attempt: Attempt, proceed: Proceed) -> None:
        """Run."""
        proceed()


def remarks(plan: Plan) -> list[str]:
    """One line for each decorator in the plan that has no effect on this machine."""
    said = (*(one for step in plan.steps for one in step.declarations), *plan.declarations)
    found = {one.called(): one.engine for one in said if one.engine}
    return [f"@{name} is recorded; {why}" for name, why in found.items()]
