"""`python flow.py`: what the script of a flow answers."""

import json

import pytest

from tests.unit.cli.person import Person

FLOW = """
    from flagstone import FlowSpec, Parameter, step

    class SmallFlow(FlowSpec):
        '''Very small.'''
        n = Parameter("n", default=1, help="how many")

        @step
        def start(self):
            print("printed by start", self.n)
            self.next(self.end)

        @step
        def end(self):
            pass

    if __name__ == "__main__":
        SmallFlow()
"""


@pytest.fixture
def author(person: Person) -> Person:
    """Somebody with a small flow."""
    person.writes(FLOW)
    return person


def test_without_a_verb_it_says_how_the_flow_is_and_what_to_do(author: Person) -> None:
    said = author.flow()

    assert said.status == 0
    assert said.out.startswith("SmallFlow: 2 steps, 1 parameter. The graph is right.\n")
    assert "  python flow.py run     run it" in said.out


def test_help_shows_the_flows_own_words_and_all_verbs(author: Person) -> None:
    said = author.flow("--help")

    assert said.status == 0
    assert "Very small." in said.out
    assert "  resume " in said.out


def test_a_broken_graph_is_told_before_anything_runs(person: Person) -> None:
    person.writes(FLOW.replace("self.next(self.end)", "self.next(self.edn)"))

    for words in ([], ["check"], ["run"], ["show"]):
        said = person.flow(*words)
        assert said.status == 2
        assert "edn" in said.err
        assert "flow.py:10" in said.err
        assert "Traceback" not in said.err


def test_options_of_metaflow_are_accepted_with_a_word_about_them(author: Person) -> None:
    said = author.flow("--metadata", "local", "--datastore=local", "--no-pylint", "--environment", "conda", "check")

    assert said.status == 0
    assert "--metadata is accepted and has no effect" in said.err
    assert "--environment is accepted and has no effect" in said.err
    assert author.flow("--quiet", "--metadata", "local", "check").err == ""


def test_quiet_before_the_verb_or_after_it_is_quiet(author: Person) -> None:
    for words in (["--quiet", "run"], ["run", "--quiet"]):
        said = author.flow(*words)
        assert (said.status, said.out, said.err) == (0, "", "")


def test_an_unknown_decorator_is_refused_before_anything_runs(author: Person) -> None:
    for words in (["--with", "retyr", "run"], ["run", "--with", "retyr"]):
        said = author.flow(*words)
        assert said.status == 1
        assert "no step decorator called 'retyr'" in said.err


def test_a_flow_may_be_started_from_another_folder(author: Person) -> None:
    (author.work / "below").mkdir()

    said = author.types(
        "-c", "import runpy, sys; sys.argv = ['below/../flow.py']; runpy.run_path('flow.py', run_name='__main__')"
    )

    assert said.status == 0
    assert "python flow.py run" in said.out


def test_pathspecs_in_a_script_need_no_flow(author: Person) -> None:
    assert author.flow("run").status == 0

    assert "SmallFlow/1  succeeded" in author.flow("show", "1").out
    assert author.flow("logs", "latest/start").out == "[start/1] printed by start 1\n"
    assert "n = 1" in author.flow("dump", "1/end").out
    assert author.flow("tag", "add", "--run-id", "1", "mine").out == "SmallFlow/1: mine\n"
    assert "mine" in author.flow("runs").out


def test_every_option_that_scripts_of_metaflow_are_called_with_is_accepted(author: Person) -> None:
    words = ["--no-pylint", "--force-rebuild-environments", "--event-logger", "x", "--monitor", "y", "--mode", "spin"]
    words += ["--datastore-root", "z", "--package-suffixes", ".py,.sql"]

    said = author.flow(*words, "run", "--max-log-size", "10", "--runner-attribute-file", "told.json")

    assert said.status == 0
    for option in ("--pylint", "--force-rebuild-environments", "--event-logger", "--monitor", "--mode"):
        assert f"{option} is accepted and has no effect: " in said.err
    assert "--max-log-size is accepted and has no effect" in said.err
    assert "--package-suffixes" not in said.err
    told = json.loads((author.work / "told.json").read_text())
    assert told == {"flow_name": "SmallFlow", "run_id": "1", "metadata": f"local@{author.home}"}
    assert author.flow("--quiet", *words, "run", "--max-log-size", "10").err == ""
