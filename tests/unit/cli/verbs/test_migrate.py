"""`flagstone migrate`: what it says, as lines and as JSON, and its exit status."""

import json
import tarfile

import pytest

from tests.unit.app.migration.conftest import ARCHIVE
from tests.unit.cli.person import Person


@pytest.fixture
def mover(person: Person) -> Person:
    """Somebody with an old directory in the folder `shop`."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(person.work / "shop", filter="data")
    return person


def test_every_run_is_a_line_and_every_verb_works_on_what_was_brought(mover: Person) -> None:
    said = mover.flagstone("migrate", "shop")

    shown = mover.flagstone("show", "ShopFlow/1/thing", "--json")
    logs = mover.flagstone("logs", "ShopFlow/1/start")
    value = mover.flagstone("dump", "ShopFlow/1/end")
    assert said.status == 0, said
    assert [line.split()[0] for line in said.out.splitlines()] == ["brought"] * 4
    assert "-> ShopFlow/1" in said.out
    assert "4 runs brought over" in said.err
    assert len(json.loads(shown.out)) == 5
    assert "the shop opens" in logs.out
    assert "{'left': [1, 4], 'right': [1, 4, 9]}" in value.out


def test_json_names_the_old_and_the_new_run(mover: Person) -> None:
    said = mover.flagstone("migrate", "shop", "--flow", "ShopFlow", "--json")

    [outcome] = json.loads(said.out)
    assert outcome["old"].startswith("ShopFlow/1")
    assert (outcome["what"], outcome["run"], outcome["state"]) == ("brought", "ShopFlow/1", "succeeded")


def test_a_damaged_run_makes_the_exit_status_one(mover: Person) -> None:
    record = next((mover.work / "shop" / ".metaflow" / "SwitchFlow").glob("1*/_meta/_self.json"))
    record.write_text("{")

    said = mover.flagstone("migrate", "shop", "--dry-run")

    assert said.status == 1
    assert "damaged" in said.out
    assert "_self.json is not what it should be" in said.out
    assert "3 runs would be brought over, 1 run damaged and left out" in said.err


def test_a_value_of_the_scripts_own_class_loads_under_the_alias(mover: Person) -> None:
    (mover.work / "shop" / "shopflow.py").write_text("from metaflow import FlowSpec\nclass Basket:\n    pass\n")
    mover.flagstone("migrate", "shop")
    code = "from flagstone import *; namespace(None); print(Run('ShopFlow/1')['start'].task.data.basket.things)"

    without = mover.types("-c", code)
    under = mover.types("-c", f"import flagstone.compat.metaflow; {code}")

    assert without.status != 0
    assert "put `import flagstone.compat.metaflow` first" in without.err.lower()
    assert "['bread', 'milk']" in under.out, under


RESUMABLE = """
    import os
    from metaflow import Config, FlowSpec, Parameter, step

    class BrokenFlow(FlowSpec):
        divisor = Parameter("divisor", default=0)
        settings = Config("settings", default_value={"shop": {"name": "corner"}})

        @step
        def start(self):
            raise RuntimeError("it ran before")
            self.next(self.divide)

        @step
        def divide(self):
            self.answer = 42 / 2
            self.next(self.risk)

        @step
        def risk(self):
            self.next(self.end)

        @step
        def end(self):
            print("in the", self.shop.name, "shop:", self.answer)

    if __name__ == "__main__":
        BrokenFlow()
"""


def test_a_run_that_failed_there_is_resumed_here(mover: Person) -> None:
    mover.writes(RESUMABLE)
    mover.flagstone("migrate", "shop")

    said = mover.flagstone("resume", "--compat", "metaflow", "flow.py", "--origin-run-id", "1")

    assert said.status == 0, said
    assert "1 task taken over from BrokenFlow/1" in said.out
    assert "in the corner shop: 21.0" in said.out


def test_a_folder_without_old_runs_is_refused(person: Person) -> None:
    said = person.flagstone("migrate", ".")

    assert said.status == 1
    assert "a .metaflow directory with runs in it" in said.err
    assert "give the folder that holds .metaflow" in said.err.lower()
