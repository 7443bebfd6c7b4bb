"""`check` says whether a graph is right."""

from tests.unit.cli.person import Person


def test_a_right_graph_is_right(teller: Person) -> None:
    assert teller.flow("check").out == "TaleFlow is right: 4 steps, 2 parameters.\n"
    assert teller.flagstone("check", "flow.py").out == "TaleFlow is right: 4 steps, 2 parameters.\n"


def test_a_wrong_one_is_shown_at_its_line(person: Person) -> None:
    person.writes("""
        from flagstone import FlowSpec, step
        class WrongFlow(FlowSpec):
            @step
            def start(self):
                pass
            @step
            def end(self):
                pass
        if __name__ == "__main__":
            WrongFlow()
    """)

    said = person.flagstone("check", "flow.py")

    assert said.status == 2
    assert "flow.py:3" in said.err or "flow.py:4" in said.err
    assert "self.next" in said.err
