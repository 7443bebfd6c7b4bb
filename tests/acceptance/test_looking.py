"""Someone looks at what ran: finds the runs, reads and scrubs the output, takes the code along."""

import json
import tarfile

from tests.acceptance.household import Household

NIGHTLY = """
    import sys

    class NightlyFlow(FlowSpec):
        day = Parameter("day", default=1)

        @step
        def start(self):
            self.parts = list(range(4))
            print("token=s3cr3t")
            self.next(self.part, foreach="parts")

        @step
        def part(self):
            print("part", self.input, "of day", self.day)
            print("careful", file=sys.stderr)
            if self.day == 2 and self.input == 3:
                raise ValueError("a bad part")
            self.next(self.join)

        @step
        def join(self, inputs):
            self.next(self.end)

        @step
        def end(self):
            print("done")
"""


def test_a_bad_night_is_found_tagged_read_and_cleaned(house: Household) -> None:
    house.write(NIGHTLY)
    house.run("flow.py", "run", status=0)
    house.run("flow.py", "run", "--day", "2", "--keep-going", status=1)

    bad = json.loads(house.flagstone("runs", "--status", "failed", "--since", "1h", "--json").out)
    tagged = house.flagstone("tag", "add", "--flow", "NightlyFlow", "--status", "failed", "look here")
    lines = house.flagstone("logs", "NightlyFlow/2", "--stdout").out.splitlines()
    scrubbed = house.flagstone("logs", "scrub", "NightlyFlow/2", "--grep", "token=.*")

    assert [run["run"] for run in bad] == ["NightlyFlow/2"]
    assert tagged.out == 'NightlyFlow/2: "look here"\n'
    assert lines[0] == "[start/1] token=s3cr3t"
    assert sorted(line.partition("] ")[2] for line in lines[1:]) == [f"part {part} of day 2" for part in range(4)]
    assert scrubbed.out == "NightlyFlow/2/start/1: 12 B of stdout scrubbed\n"
    assert "s3cr3t" not in "".join(path.read_text() for path in (house.home / "logs" / "NightlyFlow" / "2").iterdir())
    assert "token=s3cr3t" in house.flagstone("logs", "NightlyFlow/1/start/1").out
    assert "not reached" in house.flagstone("show", "NightlyFlow/2").out


def test_scrubbed_output_stays_scrubbed_in_a_run_that_took_the_task_over(house: Household) -> None:
    house.write(NIGHTLY)
    house.run("flow.py", "run", "--day", "2", status=1)
    house.flagstone("logs", "scrub", "NightlyFlow/1/start")
    house.write(NIGHTLY.replace("self.day == 2 and", "self.day == 3 and"))

    house.run("flow.py", "resume", status=0)

    said = house.flagstone("logs", "NightlyFlow/2/start")
    assert said.out.partition("] ")[2] == "************\n"


def test_the_code_of_a_flow_is_packed_alike_by_its_script_and_by_flagstone(house: Household) -> None:
    house.write(NIGHTLY)

    house.run("flow.py", "package", "save", "one.tar.gz", status=0)
    house.flagstone("package", "save", "flow.py", "two.tar.gz")

    assert (house.work / "one.tar.gz").read_bytes() == (house.work / "two.tar.gz").read_bytes()
    with tarfile.open(house.work / "one.tar.gz") as tar:
        assert tar.getnames() == [".flagstone/package.json", "flow.py"]
