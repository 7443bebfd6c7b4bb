"""`--compat metaflow`: a file of Metaflow runs as it is, in every kind of task process."""

import pytest

from flagstone.cli.compat import split
from tests.unit.cli.person import Person

OLD = """
    from metaflow import FlowSpec, Parameter, current, step

    class OldFlow(FlowSpec):
        n = Parameter("n", default=3)

        @step
        def start(self):
            self.items = range(self.n)
            self.next(self.work, foreach="items")

        @step
        def work(self):
            from metaflow.exception import MetaflowException
            self.v = self.input
            self.next(self.join)

        @step
        def join(self, inputs):
            self.s = sum(i.v for i in inputs)
            self.next(self.end)

        @step
        def end(self):
            print("sum", self.s, "of", current.flow_name, "by", current.username)

    if __name__ == "__main__":
        OldFlow()
"""


@pytest.mark.parametrize("isolation", ["fork", "worker", "spawn", "inline"])
def test_an_old_file_runs_as_it_is(person: Person, isolation: str) -> None:
    person.writes(OLD)

    said = person.flagstone("run", "--compat", "metaflow", "flow.py", "--n", "4", "--isolation", isolation)

    assert said.status == 0, said
    assert "sum 6 of OldFlow by ann" in said.out


def test_the_option_may_stand_after_the_file_or_in_the_environment(person: Person) -> None:
    person.writes(OLD)

    after = person.flagstone("check", "flow.py", "--compat=metaflow")
    around = person.flagstone("check", "flow.py", FLAGSTONE_COMPAT="metaflow")

    assert (after.status, around.status) == (0, 0), (after, around)


def test_without_the_option_the_error_names_it(person: Person) -> None:
    person.writes(OLD)

    said = person.flagstone("run", "flow.py")

    assert said.status == 1
    assert "flow.py:1" in said.err
    assert "--compat metaflow" in said.err


def test_a_script_may_ask_for_the_alias_itself(person: Person) -> None:
    person.writes("import flagstone.compat.metaflow\n" + OLD.replace("\n    ", "\n"))

    said = person.flow("run", "--isolation", "spawn")

    assert said.status == 0, said
    assert "sum 3 of OldFlow" in said.out


def test_variables_without_meaning_are_named_in_one_line_unless_quiet(person: Person) -> None:
    person.writes(OLD)
    idle = {"METAFLOW_SERVICE_URL": "http://shop", "METAFLOW_DEFAULT_DATASTORE": "s3", "METAFLOW_USER": "ada"}

    loud = person.flagstone("run", "--compat", "metaflow", "flow.py", **idle)
    quiet = person.flagstone("run", "--compat", "metaflow", "flow.py", "--quiet", **idle)

    assert (loud.status, quiet.status) == (0, 0)
    assert "METAFLOW_DEFAULT_DATASTORE and METAFLOW_SERVICE_URL are set and without meaning here" in loud.err
    assert "METAFLOW" not in quiet.err


def test_decorators_for_every_step_come_from_the_environment(person: Person) -> None:
    person.writes(OLD)

    said = person.flagstone("run", "--compat", "metaflow", "flow.py", METAFLOW_DEFAULT_DECOSPECS="resources:cpu=0.5 no")

    assert said.status != 0
    assert "there is no step decorator called 'no'" in said.err


def test_a_system_that_is_not_known_is_refused(person: Person) -> None:
    person.writes(OLD)

    option = person.flagstone("run", "--compat", "prefect", "flow.py")
    variable = person.flagstone("run", "flow.py", FLAGSTONE_COMPAT="prefect")

    assert (option.status, variable.status) == (3, 3)
    assert "compat = 'prefect': there is no such system (from --compat)" in option.err
    assert "(from the environment)" in variable.err


def test_words_after_two_dashes_are_left_alone() -> None:
    assert split(["--n", "4", "--compat", "a", "--compat=b", "--", "--compat", "c"]) == (
        "b",
        ["--n", "4", "--", "--compat", "c"],
    )
