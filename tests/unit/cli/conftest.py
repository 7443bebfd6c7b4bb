"""A person with an empty folder, and one who has a run of everything behind them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flagstone.cli.main import call
from flagstone.cli.output import guard
from tests.unit.cli.person import Person, Said

EVERYTHING = """
    import sys
    from flagstone import FlowSpec, JSONType, Parameter, step

    class Marker:
        def __repr__(self):
            return "a marker of the flow"

    class TaleFlow(FlowSpec):
        '''Tells a tale.'''
        alpha = Parameter("alpha", default=2, type=int, help="a number")
        shape = Parameter("shape", default='{"a": [1]}', type=JSONType)
        kind = "constant"

        @step
        def start(self):
            '''Lay it out.'''
            self.items = ["a", "b", "c"]
            self.block = bytes(range(256)) * 4096
            self._secret = "hidden"
            self.marker = Marker()
            print("laid out")
            print("a warning", file=sys.stderr)
            self.next(self.work, foreach="items")

        @step
        def work(self):
            self.half = self.input * 2
            print("working on", self.input)
            if self.input == "b" and self.alpha == 2:
                raise ValueError("item b is bad")
            self.next(self.join)

        @step
        def join(self, inputs):
            self.all = [i.half for i in inputs]
            self.next(self.end)

        @step
        def end(self):
            pass

    if __name__ == "__main__":
        TaleFlow()
"""

Ask = Callable[..., Said]


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """Somebody new."""
    return Person(tmp_path)


@pytest.fixture(scope="session")
def teller(tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Somebody whose TaleFlow/1 failed in one of three items (--keep-going) and whose TaleFlow/2 succeeded."""
    teller = Person(tmp_path_factory.mktemp("teller"))
    teller.writes(EVERYTHING)
    failed = teller.flow("run", "--keep-going", "--tag", "first")
    assert failed.status == 1, failed
    succeeded = teller.flow("run", "--alpha", "3", "--tag", "second", "--tag", "<b>\x1b[31m")
    assert succeeded.status == 0, succeeded
    return teller


@pytest.fixture
def ask(teller: Person, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """The teller types `flagstone WORDS`, in this very process."""
    return typist(teller, monkeypatch, capsys)


def typist(person: Person, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """What types `flagstone WORDS` for a person, in this very process."""
    for name, value in person.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(person.work)

    def typed(*words: str) -> Said:
        status = guard(lambda: call(list(words)))
        captured = capsys.readouterr()
        return Said(status, captured.out, captured.err)

    return typed
