"""The ways to run a flow: its command line, `Runner`, and a call that leaves nothing behind. All do the same."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from flagstone import Runner
from tests.acceptance.household import Household


@dataclass(frozen=True)
class Ask:
    """What a run is given."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    configs: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spun:
    """What one step left when it ran again: its values, or how they compare with those of the past task."""

    status: str
    values: Mapping[str, Any] | None = None
    verdicts: frozenset[str] = frozenset()


class Door(Protocol):
    """A way to run the flow in `flow.py`; it raises AssertionError when it does not end as it is to."""

    def run(self, ask: Ask, *, succeeds: bool = True) -> None:
        """Run it."""

    def resume(self, step: str | None = None, **parameters: int) -> None:
        """Carry on with the newest run, from a step if one is named, with other parameters if there are any."""

    def spin(self, step: str) -> Spun:
        """Run one step of the newest run again."""


class CommandLine:
    """`python flow.py VERB`."""

    def __init__(self, house: Household) -> None:
        self.house = house

    def run(self, ask: Ask, *, succeeds: bool = True) -> None:
        words = [word for key, value in ask.configs.items() for word in ("--config-value", key, json.dumps(value))]
        words += [word for one in ask.decorators for word in ("--with", one)]
        words += ["run", *(word for tag in ask.tags for word in ("--tag", tag))]
        for key, value in ask.parameters.items():
            words += [f"--{key}", value if isinstance(value, str) else json.dumps(value)]
        self.house.run("flow.py", *words, status=0 if succeeds else 1)

    def resume(self, step: str | None = None, **parameters: int) -> None:
        words = [word for key, value in parameters.items() for word in (f"--{key}", str(value))]
        self.house.run("flow.py", "resume", *([step] if step else []), *words)

    def spin(self, step: str) -> Spun:
        said = self.house.run("flow.py", "spin", "--json", step)
        facts = json.loads(said.out.splitlines()[-1])
        assert facts["missing"] == []
        return Spun(facts["status"], verdicts=frozenset(one["verdict"] for one in facts["artifacts"]))


class ByRunner:
    """`Runner("flow.py").VERB()`."""

    def __init__(self, house: Household) -> None:
        self.house = house

    def _runner(self, ask: Ask) -> Runner:
        home = {key: value for key, value in self.house.environment.items() if key.startswith("FLAGSTONE_")}
        return Runner(
            str(self.house.work / "flow.py"),
            show_output=False,
            env=home,
            cwd=str(self.house.work),
            decospecs=list(ask.decorators),
            config_value=list(ask.configs.items()),
        )

    def run(self, ask: Ask, *, succeeds: bool = True) -> None:
        with self._runner(ask) as runner:
            done = runner.run(tags=list(ask.tags), **ask.parameters)
        assert done.status == ("successful" if succeeds else "failed"), done.stderr

    def resume(self, step: str | None = None, **parameters: int) -> None:
        with self._runner(Ask()) as runner:
            done = runner.resume(step, **parameters)
        assert done.status == "successful", done.stderr

    def spin(self, step: str) -> Spun:
        with self._runner(Ask()) as runner:
            done = runner.spin(step)
        assert done.status == "successful", done.stderr
        return Spun("succeeded", values={artifact.id: artifact.data for artifact in done.task})


DOORS: Mapping[str, Callable[[Household], Door]] = {"command_line": CommandLine, "runner": ByRunner}
