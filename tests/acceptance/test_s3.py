"""Whole stories with the values in a bucket of a real S3 server: run, resume, read elsewhere, hear what is wrong."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from flagstone import Flow
from flagstone.app import settings as settings_of
from flagstone.app.home import open_blobs
from flagstone.app.workspace import close_all
from flagstone.client.task_data import TaskData
from tests.acceptance.household import Household, wait_for
from tests.radosgw import SECRET_KEY, Radosgw

WIDE = """
    import numpy as np

    class WideFlow(FlowSpec):
        fail = Parameter("fail", default=0)

        @step
        def start(self):
            self.table = np.random.default_rng(1).random(400_000)
            self.text = "x" * 9
            self.letters = ["a" * 9000, "b" * 9000, "c", "d"]
            self.next(self.work, foreach="letters")

        @step
        def work(self):
            self.own = np.random.default_rng(ord(self.input[0])).random(30_000)
            self.whole = float(self.table.sum() + self.own.sum())
            self.next(self.join)

        @step
        def join(self, inputs):
            self.table = inputs[0].table
            self.wholes = [each.whole for each in inputs]
            if self.fail:
                raise ValueError("as asked")
            self.next(self.end)

        @step
        def end(self):
            assert len(self.wholes) == 4 and self.table.shape == (400_000,)
"""


@pytest.fixture
def bucket(house: Household, s3_server: Radosgw, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty bucket that is the store of the household, and of this process."""
    name = s3_server.bucket()
    house.environment |= {
        **s3_server.environment,
        "FLAGSTONE_STORE": f"s3://{name}/team",
        "FLAGSTONE_STORE_PATIENCE": "90",
    }
    for variable, value in house.environment.items():
        if variable.startswith(("AWS_", "FLAGSTONE_")):
            monkeypatch.setenv(variable, value)
    return name


def data_of(flow: str) -> TaskData:
    """What the newest run left."""
    run = Flow(flow).latest_successful_run
    assert run is not None
    assert run.data is not None
    return run.data


def test_a_run_is_resumed_and_read_from_the_bucket(house: Household, bucket: str) -> None:
    flow = house.write(WIDE)
    failed = house.run(flow, "run", "--fail", "1", status=1)
    assert "as asked" in failed.text
    assert "fresh interpreter" not in failed.text  # tasks are forked all the same

    house.run(flow, "resume", "--fail", "0")

    data = data_of("WideFlow")
    assert len(data.wholes) == 4
    assert np.array_equal(data.table, np.random.default_rng(1).random(400_000))
    assert not list((house.home / "blobs").rglob("*.zst"))
    assert [path for path in (house.home / "blobs").rglob("*") if path.is_file()] == []


def test_another_machine_reads_what_the_bucket_has(
    house: Household, bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.run(house.write(WIDE), "run")
    other = tmp_path / "other"  # the records came along, as from a database for all; neither blobs nor cache
    other.mkdir()
    for part in house.home.glob("flagstone.db*"):
        shutil.copy(part, other)
    monkeypatch.setenv("FLAGSTONE_HOME", str(other))
    close_all()

    data = data_of("WideFlow")

    assert data.table[3] == np.random.default_rng(1).random(400_000)[3]
    assert [path for path in (other / "cache" / "blobs").rglob("*") if path.is_file()]


def test_any_isolation_and_any_way_of_starting_stores_there(house: Household, bucket: str) -> None:
    flow = house.write(WIDE)

    for isolation in ("spawn", "worker", "inline"):
        house.run(flow, "run", "--isolation", isolation)

    assert all(run.successful for run in Flow("WideFlow"))
    assert [path for path in (house.home / "blobs").rglob("*") if path.is_file()] == []


def test_equal_values_are_one_object(house: Household, bucket: str) -> None:
    flow = house.write(WIDE)
    house.run(flow, "run")
    settings = settings_of.load()
    before = sorted(open_blobs(house.home, settings.place).keys())

    house.run(flow, "run")

    assert sorted(open_blobs(house.home, settings.place).keys()) == before


def test_thirty_small_values_write_nothing_and_thirty_middling_ones_one_object(house: Household, bucket: str) -> None:
    flow = house.write(
        """
        class ManyFlow(FlowSpec):
            size = Parameter("size", default=1)

            @step
            def start(self):
                for i in range(30):
                    setattr(self, f"value_{i}", f"{i} " * self.size)
                self.next(self.end)

            @step
            def end(self):
                assert self.value_7[:2] == "7 "
        """
    )
    store = open_blobs(house.home, settings_of.load().place)
    house.run(flow, "run", "--size", "20")
    assert list(store.keys()) == []

    house.run(flow, "run", "--size", "5000")

    assert len(list(store.keys())) == 1


def test_a_gateway_that_dies_for_a_while_is_waited_for(
    house: Household, bucket: str, s3_server: Radosgw, tmp_path: Path
) -> None:
    flow = house.write(
        """
        import numpy as np, pathlib, time

        class OutageFlow(FlowSpec):
            @step
            def start(self):
                place = pathlib.Path(__file__).parent
                (place / "begun").touch()
                while not (place / "go").exists():
                    time.sleep(0.02)
                self.table = np.arange(3_000_000) * 1.7
                self.next(self.end)

            @step
            def end(self):
                self.total = float(self.table.sum())
        """
    )
    process = house.start(flow, "run")
    wait_for((flow.parent / "begun").exists, "the step", 60)
    s3_server.kill()
    (flow.parent / "go").touch()

    s3_server.start()

    assert process.wait(120) == 0
    data = data_of("OutageFlow")
    assert data.total == float((np.arange(3_000_000) * 1.7).sum())


def test_a_store_that_stays_away_is_said_and_the_run_goes_on_later(
    house: Household, bucket: str, s3_server: Radosgw
) -> None:
    flow = house.write(WIDE)
    house.run(flow, "run", "--fail", "1", status=1)
    shutil.rmtree(house.home / "cache")
    s3_server.kill()
    try:
        said = house.run(flow, "resume", "--fail", "0", status=None)
        assert said.status != 0
        assert "cannot be reached" in said.text
        assert s3_server.endpoint in said.text
        assert "resume" in said.text
    finally:
        s3_server.start()

    house.run(flow, "resume", "--fail", "0")

    data = data_of("WideFlow")
    assert len(data.wholes) == 4


def test_wrong_keys_a_missing_bucket_and_odd_urls_are_told_before_anything_runs(
    house: Household, bucket: str, s3_server: Radosgw
) -> None:
    flow = house.write(WIDE)

    def told(**environment: str) -> str:
        before = dict(house.environment)
        house.environment.update(environment)
        done = house.run(flow, "run", status=3)
        house.environment.clear()
        house.environment.update(before)
        assert SECRET_KEY not in done.text
        assert "WideFlow/" not in done.text
        return done.text

    assert "AWS_SECRET_ACCESS_KEY" in told(AWS_SECRET_ACCESS_KEY="wrong-secret-thing")
    assert "wrong-secret-thing" not in told(AWS_SECRET_ACCESS_KEY="wrong-secret-thing")
    assert "there is no bucket 'nobody-made-this'" in told(FLAGSTONE_STORE="s3://nobody-made-this/x")
    assert "cannot be reached" in told(AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert "not encrypted" in told(AWS_ENDPOINT_URL="http://s3.example.org")
    assert "s3://" in told(FLAGSTONE_STORE="gopher://x")
    hidden = told(FLAGSTONE_STORE=f"s3://{SECRET_KEY}@b/x")
    assert "keys do not belong here" in hidden


def test_a_shared_directory_is_a_store_too(house: Household, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLAGSTONE_STORE", f"file://{tmp_path}/shared")
    house.environment["FLAGSTONE_STORE"] = f"file://{tmp_path}/shared"

    house.run(house.write(WIDE), "run")

    data = data_of("WideFlow")
    assert data.table.shape == (400_000,)
    assert [path for path in (tmp_path / "shared" / "blobs").rglob("*") if path.is_file()]
