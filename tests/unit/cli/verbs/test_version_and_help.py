"""`version`, `help` and `check` in words and as JSON; every verb that tells facts can tell them as JSON."""

import json
from collections.abc import Iterator

import click

from flagstone import __version__
from flagstone.cli.main import command
from flagstone.dsl.flow import FlowSpec
from tests.unit.cli.conftest import Ask
from tests.unit.cli.person import Person

DRAWS = {"output-dot", "completion"}  # these print in a language of their own, or talk with a person


def leaves(group: click.Group, above: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every verb that does something itself."""
    context = click.Context(group)
    for name in group.list_commands(context):
        verb = group.get_command(context, name)
        assert verb is not None
        if isinstance(verb, click.Group):
            yield from leaves(verb, (*above, name))
        else:
            yield " ".join((*above, name)), verb


def test_every_verb_that_tells_facts_can_tell_them_as_json() -> None:
    from flagstone.cli.script import script_group

    class AnyFlow(FlowSpec):
        pass

    verbs = {**dict(leaves(command())), **dict(leaves(script_group(AnyFlow)))}
    without = {
        name
        for name, verb in verbs.items()
        if not any("--json" in parameter.opts for parameter in verb.get_params(click.Context(verb)))
        and not any(parameter.name == "rest" for parameter in verb.params)  # what follows a file is its script's
    }

    assert without == DRAWS & set(verbs)


def test_the_version_as_json(ask: Ask) -> None:
    assert json.loads(ask("version", "--json").out)["flagstone"] == __version__


def test_help_as_json(ask: Ask) -> None:
    assert json.loads(ask("help", "--json").out)["verbs"]["runs"] == "List runs, the newest first."
    runs = json.loads(ask("help", "runs", "--json").out)
    assert (runs["verb"], runs["verbs"]) == ("runs", [])
    assert {"--since", "--status"} <= {option for one in runs["parameters"] for option in one["opts"]}
    assert json.loads(ask("help", "tag", "--json").out)["verbs"] == ["add", "list", "remove", "replace"]


def test_check_tells_of_what_looks_wrong_when_it_is_asked_to(teller: Person) -> None:
    assert teller.flow("check").out == "TaleFlow is right: 4 steps, 2 parameters.\n"
    said = teller.flow("check", "--warnings")
    assert said.status == 0
    assert said.err == "flow.py: nothing reads self.shape, the parameter 'shape'\n"
    found = json.loads(teller.flow("check", "--json", "--warnings").out)
    assert (found["flow"], found["valid"], found["parameters"]) == ("TaleFlow", True, ["alpha", "shape"])
    assert len(found["warnings"]) == 1
