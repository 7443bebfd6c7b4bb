"""Tutorial 0: a greeting goes from step to step.

python hello_world.py show                 the steps, drawn
python hello_world.py run                  run them
python hello_world.py run --whom Ada       greet somebody else
"""

from flagstone import FlowSpec, Parameter, step


class GreetingFlow(FlowSpec):
    """Three steps in a row: what one assigns to `self`, the next one finds there."""

    whom = Parameter("whom", default="world", help="whom to greet")

    @step
    def start(self) -> None:
        """Every flow begins here."""
        self.words = ["hello", self.whom]
        self.next(self.shout)

    @step
    def shout(self) -> None:
        """Make a greeting of the words."""
        self.greeting = ", ".join(self.words).upper() + "!"
        self.next(self.end)

    @step
    def end(self) -> None:
        """Every flow is over after this step."""
        print(self.greeting)


if __name__ == "__main__":
    GreetingFlow()
