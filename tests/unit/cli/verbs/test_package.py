"""`package` tells which code belongs to a flow."""

import json
import tarfile

import pytest

from tests.unit.cli.person import Person

FLOW = """
    import prices
    from flagstone import FlowSpec, step

    class ShopFlow(FlowSpec):
        @step
        def start(self):
            self.next(self.end)
        @step
        def end(self):
            pass

    if __name__ == "__main__":
        ShopFlow()
"""


@pytest.fixture
def shop(person: Person) -> Person:
    """Somebody whose flow uses a module of the same project in another folder."""
    person.writes(FLOW)
    person.writes("SELECT 1", "query.sql")
    (person.work.parent / "libs").mkdir()
    (person.work.parent / "libs" / "prices.py").write_text("PRICE = 3\n")
    return person


def libs(person: Person) -> dict[str, str]:
    return {"PYTHONPATH": f"{person.environment()['PYTHONPATH']}:{person.work.parent / 'libs'}"}


def test_files_and_modules_are_listed(shop: Person) -> None:
    lines = shop.flow("package", "list", **libs(shop)).out.splitlines()

    assert [line.split()[0] for line in lines] == ["FILE", "flow.py", "prices.py"]
    assert lines[2].split()[-1] == "prices"
    listed = json.loads(shop.flow("--package-suffixes", ".sql", "package", "list", "--json", **libs(shop)).out)
    assert [one["name"] for one in listed] == ["flow.py", "prices.py", "query.sql"]


def test_an_archive_is_the_same_each_time_and_can_be_listed(shop: Person) -> None:
    said = shop.flow("package", "save", "one.tar.gz", **libs(shop))
    again = shop.flagstone("package", "save", "flow.py", "two.tar.gz", **libs(shop))

    assert (said.status, again.status) == (0, 0)
    assert said.err.startswith("2 files in one.tar.gz (")
    assert (shop.work / "one.tar.gz").read_bytes() == (shop.work / "two.tar.gz").read_bytes()
    with tarfile.open(shop.work / "one.tar.gz") as tar:
        facts = json.load(tar.extractfile(".flagstone/package.json") or pytest.fail("no facts"))
    assert (facts["flow"], facts["script"], facts["modules"]) == ("ShopFlow", "flow.py", ["prices"])
    listed = shop.flow("package", "list", "--archive", "one.tar.gz", **libs(shop)).out
    assert "prices.py" in listed


def test_info_says_how_much_it_is_and_from_where(shop: Person) -> None:
    text = shop.flagstone("package", "info", "flow.py", **libs(shop)).out
    facts = json.loads(shop.flow("package", "info", "--json", **libs(shop)).out)

    assert text.startswith("ShopFlow: 2 files, ")
    assert f"digest   {facts['digest']}" in text
    assert (facts["files"], facts["root"]) == (2, str(shop.work))


def test_a_place_that_cannot_be_written_is_named(shop: Person) -> None:
    said = shop.flow("package", "save", "no/where.tar.gz", **libs(shop))

    assert said.status == 3
    assert "no/where.tar.gz" in said.err
    assert "Traceback" not in said.err
