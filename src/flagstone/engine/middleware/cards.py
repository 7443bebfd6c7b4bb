"""`@card`: gives the step `current.card`, and takes what it puts there."""

from typing import ClassVar

from flagstone.dsl.card_place import CardPlace, Cards
from flagstone.dsl.current import current
from flagstone.engine.attempt import Attempt, Proceed
from flagstone.model.declarations import Card
from flagstone.model.declaring import Declaration


class TakeCards:
    """Keeps what a step adds to its cards for the time of the attempt."""

    understands: ClassVar[tuple[type[Declaration], ...]] = (Card,)

    def wrap(self, attempt: Attempt, proceed: Proceed) -> None:
        """Offer a place for each card, and run."""
        cards = [one for one in attempt.step.declarations if isinstance(one, Card)]
        if cards:
            current._add("card", Cards([CardPlace(card.id, card.type) for card in cards]))
        proceed()
