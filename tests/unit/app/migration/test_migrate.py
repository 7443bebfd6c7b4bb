"""`migrate`: old runs are here whole, once, at their place in time; what is damaged is left out and told."""

import json
import os
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import flagstone
from flagstone import Run, Task
from flagstone.app.migration.migrate import Outcome, migrate
from flagstone.app.settings import Settings
from flagstone.app.workspace import Workspace, open_workspace
from flagstone.model.errors import NotFound, StorageFull, UnreadableArtifact, WriteConflict
from flagstone.model.ids import RunId
from flagstone.model.records import RunQuery
from flagstone.testing.samples import new_run

BROKEN, RESUMED = "BrokenFlow/1", "BrokenFlow/2"


def brought(workspace: Workspace, folder: Path, *flows: str, dry: bool = False) -> list[Outcome]:
    """What became of the runs."""
    return list(migrate(workspace, folder, flows, dry=dry))


@pytest.fixture(scope="module")
def moved(packed: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A home that everything was brought to, to be read only."""
    workspace = open_workspace(Settings(home=tmp_path_factory.mktemp("moved") / "home", user="ada"))
    assert {outcome.what for outcome in brought(workspace, packed)} == {"brought"}
    return workspace


@pytest.fixture
def shop(moved: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The same, as the home that the client reads."""
    monkeypatch.setenv("FLAGSTONE_HOME", str(moved.home))
    monkeypatch.setenv("FLAGSTONE_USER", "ada")
    before = flagstone.get_namespace()
    flagstone.namespace("user:ada")
    yield moved
    flagstone.namespace(before)


@pytest.fixture
def old(packed: Path, tmp_path: Path) -> Path:
    """A copy of the folder that may be damaged."""
    shutil.copytree(packed, tmp_path / "old")
    return tmp_path / "old"


def values(run: Run) -> Any:
    """What a run that succeeded left at its end."""
    return run.data


# --- what is brought over ------------------------------------------------------------------------------------------


def test_runs_keep_their_state_time_user_and_tags(shop: Workspace) -> None:
    run = Run("ShopFlow/1")

    assert (run.successful, run.finished) == (True, True)
    assert run.user_tags == {"monday", "team:green"}
    assert {"user:ada", "runtime:dev"} <= run.system_tags
    assert any(tag.startswith("metaflow_run_id:1") for tag in run.system_tags)
    assert str(run.created_at).startswith("2026-11-25")
    assert [run.id for run in flagstone.Flow("BrokenFlow").runs()] == ["2", "1"]


def test_artifacts_load_as_they_were_stored(shop: Workspace) -> None:
    run = Run("ShopFlow/1")

    assert values(run).by_shelf == {"left": [1, 4], "right": [1, 4, 9]}
    assert values(run).none is None
    assert run["start"].task.data.rows == [["bread", "2.5"], ["milk", "1.2"]]


def test_parameters_constants_and_included_files_belong_to_the_run(shop: Workspace) -> None:
    run = Run("ShopFlow/1")
    record = shop.metadata.run(RunId("ShopFlow", 1))

    assert (values(run).discount, values(run).limits, values(run).currency) == (0.2, {"most": 3}, "EUR")
    assert values(run).prices == "bread,2.5\nmilk,1.2\n"
    assert record is not None
    assert record.parameters["limits"] == '{"most":3}'
    assert len(list(flagstone.Flow("ShopFlow").runs(parameters={"discount": 0.2}))) == 1


def test_previews_are_there_without_loading_anything(shop: Workspace) -> None:
    task = Run("ShopFlow/1")["start"].task

    assert (task["rows"].type, task["rows"].preview) == ("list", "[['bread', '2.5'], ['milk', '1.2']]")
    assert (task["basket"].type, task["basket"].preview) == ("__main__.Basket", "<__main__.Basket, 69 B>")


def test_foreach_tasks_keep_their_place_their_element_and_their_relatives(shop: Workspace) -> None:
    things = {task.path: task.label for task in Run("ShopFlow/1")["thing"].tasks()}
    [close] = Run("ShopFlow/1")["close"].tasks()

    assert things == {(0, 0): "1", (0, 1): "2", (1, 0): "1", (1, 1): "2", (1, 2): "3"}
    assert sorted(task.path for task in close.parent_tasks) == [(0,), (1,)]
    assert {task.id for task in Run("ShopFlow/1")["sum_up"].task.parent_tasks} == {"2", "3"}


def test_a_retried_task_shows_its_last_attempt(shop: Workspace) -> None:
    [task] = [task for task in Run("ShopFlow/1")["thing"].tasks() if task.path == (1, 2)]

    assert (task.current_attempt, task.successful, task.data.square) == (1, True, 9)
    assert task.stdout == "thing 3 on the right\n"


def test_output_keeps_its_streams_and_its_times(shop: Workspace) -> None:
    task = Run("ShopFlow/1")["start"].task

    [(seen, line)] = task.loglines("stdout")

    assert (task.stdout, task.stderr) == ("the shop opens\n", "watch the door\n")
    assert line == "the shop opens"
    assert task.created_at <= seen


def test_a_failure_reads_like_one_of_ours(shop: Workspace) -> None:
    run, task = Run(BROKEN), next(Run(BROKEN)["divide"].tasks())

    assert (run.successful, run.finished) == (False, True)
    assert task.exception is not None
    assert (task.exception.type, task.exception.message) == ("builtins.ZeroDivisionError", "division by zero")
    assert "brokenflow.py" in task.exception.stacktrace
    assert "metaflow/" not in task.exception.stacktrace
    assert (task.data.almost, "answer" in task.data) == (41, False)


def test_a_resumed_run_knows_its_origin_and_the_output_of_what_it_took_over(shop: Workspace) -> None:
    run, start = Run(RESUMED), Run(RESUMED)["start"].task

    assert run.successful
    assert start.origin_pathspec == f"{BROKEN}/start/1"
    assert start.stdout == "opening\n"
    assert values(run).answer == 21.0


def test_an_exception_that_was_caught_is_read_without_metaflow(shop: Workspace) -> None:
    error = values(Run(RESUMED)).error

    assert (error.type, error.exception) == ("builtins.KeyError", "'nothing there'")
    assert "nothing there" in str(error)


def test_a_part_of_a_config_is_read_without_metaflow(shop: Workspace) -> None:
    run = Run(RESUMED)

    assert values(run).settings == {"shop": {"name": "corner"}}
    assert values(run).shop.name == "corner"


def test_a_value_of_a_class_of_the_script_says_how_it_can_be_read(shop: Workspace) -> None:
    with pytest.raises(Exception, match=r"Basket|flagstone\.compat\.metaflow") as caught:
        _ = Run("ShopFlow/1")["start"].task.data.basket

    assert isinstance(caught.value, flagstone.exception.MetaflowException)


def test_a_run_without_a_recorded_graph_shows_it_by_its_tasks(workspace: Workspace, old: Path) -> None:
    for path in old.glob(".metaflow/ShopFlow/1*/*/*/*.data.json"):
        record = json.loads(path.read_text())
        del record["objects"]["_graph_info"]
        path.chmod(0o600)
        path.write_text(json.dumps(record))

    [outcome] = brought(workspace, old, "ShopFlow")

    record = workspace.metadata.run(RunId("ShopFlow", 1))
    assert (outcome.what, record is not None) == ("brought", True)
    plan = workspace.metadata.plan(record.plan_digest) if record is not None else None
    assert plan is not None
    assert plan.matching_split == {"sum_up": "start", "fill": "shelf", "close": "stock"}
    assert [step.name for step in plan.steps if step.joins] == ["sum_up", "fill", "close"]
    assert (plan.start, plan.end, plan.step("stock").foreach) == ("start", "end", "shelves")
    assert record is not None
    assert record.parameters["limits"] == '{"most":3}'


def test_the_laps_of_a_loop_are_tasks_of_their_own(shop: Workspace) -> None:
    run = Run("SwitchFlow/1")

    assert sorted(task.data.count for task in run["loop"].tasks()) == [1, 2]
    assert values(run).count == 2


@pytest.mark.parametrize("pathspec", ["ShopFlow/1", "SwitchFlow/1", "BrokenFlow/2"])
def test_every_task_knows_its_relatives_and_they_know_it(shop: Workspace, pathspec: str) -> None:
    tasks = {task.pathspec: task for step in Run(pathspec) for task in step}
    parents = {(parent, task) for task in tasks for parent in tasks[task].parent_task_pathspecs}
    children = {(task, child) for task in tasks for child in tasks[task].child_task_pathspecs}

    assert parents == children
    assert {task for _, task in parents} == {task for task in tasks if "/start/" not in task}
    assert {task for task, _ in parents} == {task for task in tasks if "/end/" not in task}


def test_each_lap_of_an_old_loop_follows_the_one_before(shop: Workspace) -> None:
    way = ["start/1", "loop/2", "loop/3", "done/4", "end/5"]

    for before, after in pairwise(f"SwitchFlow/1/{place}" for place in way):
        assert list(Task(after).parent_task_pathspecs) == [before]


# --- once, and at its place ----------------------------------------------------------------------------------------


def test_a_second_time_brings_only_what_is_new(workspace: Workspace, packed: Path) -> None:
    first = brought(workspace, packed, "ShopFlow")

    second = brought(workspace, packed)

    assert [(outcome.what, outcome.run) for outcome in first] == [("brought", "ShopFlow/1")]
    assert sorted(outcome.what for outcome in second) == ["brought", "brought", "brought", "here already"]


def test_a_dry_run_changes_nothing(workspace: Workspace, packed: Path) -> None:
    outcomes = brought(workspace, packed, dry=True)

    assert [outcome.what for outcome in outcomes] == ["would bring"] * 4
    assert workspace.metadata.runs(RunQuery()) == []
    assert list((workspace.home / "blobs").rglob("*.*")) == []


def test_newer_runs_of_a_flow_stay_its_latest(workspace: Workspace, packed: Path) -> None:
    newest = workspace.metadata.begin_run(new_run("BrokenFlow", created=4e9))

    brought(workspace, packed)

    listed = [record.id for record in workspace.metadata.runs(RunQuery(flow="BrokenFlow"))]
    assert listed == [newest, RunId("BrokenFlow", 3), RunId("BrokenFlow", 2)]


def test_the_directory_may_be_named_itself(workspace: Workspace, packed: Path) -> None:
    assert len(brought(workspace, packed / ".metaflow", dry=True)) == 4


def test_nothing_is_left_in_the_scratch_of_the_home(workspace: Workspace, packed: Path) -> None:
    brought(workspace, packed)

    assert list((workspace.home / "tmp").iterdir()) == []


# --- what is wrong -------------------------------------------------------------------------------------------------


def test_a_folder_without_old_runs_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"a \.metaflow directory with runs in it, at "):
        brought(workspace, tmp_path)


def test_a_flow_that_is_not_there_is_refused_with_those_that_are(workspace: Workspace, packed: Path) -> None:
    with pytest.raises(NotFound, match="BrokenFlow, ShopFlow, SwitchFlow"):
        brought(workspace, packed, "BakeryFlow")


def run_folder(old: Path, flow: str) -> Path:
    """The oldest run of a flow."""
    return min((old / ".metaflow" / flow).glob("1*"))


def blob_of(old: Path, name: str) -> Path:
    """Where an artifact of ShopFlow's last task lies."""
    record = next(run_folder(old, "ShopFlow").glob("end/*/0.data.json"))
    sha = str(json.loads(record.read_text())["objects"][name])
    path = old / ".metaflow" / "ShopFlow" / "data" / sha[:2] / sha
    path.chmod(0o600)
    return path


def a_blob_is_damaged(old: Path) -> None:
    blob_of(old, "by_shelf").write_bytes(b"not gzip")


def a_blob_holds_something_else(old: Path) -> None:
    blob_of(old, "by_shelf").write_bytes(blob_of(old, "none").read_bytes())


def a_blob_is_missing(old: Path) -> None:
    blob_of(old, "by_shelf").unlink()


def a_record_is_torn(old: Path) -> None:
    path = run_folder(old, "ShopFlow") / "_meta" / "_self.json"
    path.write_text(path.read_text()[:20])


def a_list_of_artifacts_is_torn(old: Path) -> None:
    next(run_folder(old, "ShopFlow").glob("end/*/0.data.json")).write_text('{"objects": [')


def an_included_file_is_missing(old: Path) -> None:
    shutil.rmtree(old / ".metaflow" / "data")


@pytest.mark.parametrize(
    "damage",
    [
        a_blob_is_damaged,
        a_blob_holds_something_else,
        a_blob_is_missing,
        a_record_is_torn,
        a_list_of_artifacts_is_torn,
        an_included_file_is_missing,
    ],
)
def test_a_damaged_run_is_told_and_left_out_as_a_whole(workspace: Workspace, old: Path, damage: Any) -> None:
    damage(old)

    outcomes = {outcome.old.partition("/")[0]: outcome for outcome in brought(workspace, old)}

    assert outcomes["ShopFlow"].what == "damaged"
    assert str(old) in outcomes["ShopFlow"].problem
    assert (outcomes["BrokenFlow"].what, outcomes["SwitchFlow"].what) == ("brought", "brought")
    assert workspace.metadata.runs(RunQuery(flow="ShopFlow")) == []


JUNK = ["", "null", "[]", "{}", '{"objects": 3}', '{"tags": [1], "ts_epoch": 1}', '{"time": []}', "\xff"]


@pytest.mark.parametrize("text", JUNK)
def test_whatever_a_file_holds_a_run_is_here_whole_or_not_at_all(workspace: Workspace, old: Path, text: str) -> None:
    folder = run_folder(old, "SwitchFlow")
    names = ["start/1/0.attempt.json", "end/5/0.data.json", "loop/2/0.runtime_stdout.log"]
    facts = sorted(folder.glob("start/1/_meta/sysmeta_attempt_ok_*.json"))
    for path in (*(folder / name for name in names), *facts):
        kept = path.read_bytes()
        path.chmod(0o600)
        path.write_bytes(text.encode("latin-1"))
        [outcome] = brought(workspace, old, "SwitchFlow", dry=True)
        path.write_bytes(kept)

        assert outcome.what == ("would bring" if path.suffix == ".log" else "damaged")


def test_a_mended_run_is_brought_the_next_time(workspace: Workspace, old: Path, packed: Path) -> None:
    a_record_is_torn(old)
    brought(workspace, old)

    again = {outcome.old.partition("/")[0]: outcome for outcome in brought(workspace, packed)}

    assert (again["ShopFlow"].what, again["ShopFlow"].run) == ("brought", "ShopFlow/1")


def test_what_breaks_off_in_the_middle_leaves_no_run(
    workspace: Workspace, packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: object, *_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("flagstone.app.migration.record.sync_directory", full)
        with pytest.raises(StorageFull, match="no space left"):
            brought(workspace, packed, "ShopFlow")

    after = open_workspace(workspace.settings)
    assert after.metadata.runs(RunQuery()) == []
    assert [outcome.run for outcome in brought(after, packed, "ShopFlow")] == ["ShopFlow/1"]


def test_two_at_once_do_not_bring_a_run_twice(workspace: Workspace, packed: Path) -> None:
    first = migrate(workspace, packed, (), dry=False)
    next(first)

    with pytest.raises(WriteConflict, match="somebody else brings old runs"):
        brought(workspace, packed)

    assert len(list(first)) == 3
    assert {outcome.what for outcome in brought(workspace, packed)} == {"here already"}


def test_a_run_that_may_still_run_waits_for_the_next_time(workspace: Workspace, old: Path) -> None:
    folder = run_folder(old, "SwitchFlow")
    shutil.rmtree(folder / "end")
    (folder / "_meta" / "_self.json").touch()

    [outcome] = brought(workspace, old, "SwitchFlow")

    assert outcome.what == "running"
    assert workspace.metadata.runs(RunQuery()) == []


def test_a_run_that_never_ended_is_lost(workspace: Workspace, old: Path) -> None:
    shutil.rmtree(run_folder(old, "SwitchFlow") / "end")
    for path in old.rglob("*"):
        os.utime(path, (1e9, 1e9))

    [outcome] = brought(workspace, old, "SwitchFlow")

    assert (outcome.what, outcome.state, outcome.tasks) == ("brought", "lost", 4)


def test_a_value_of_a_class_of_metaflows_own_names_it(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flagstone.store.serializers.theirs.THEIRS", {})

    with pytest.raises(UnreadableArtifact, match=r"metaflow\.exception\.MetaflowExceptionWrapper"):
        _ = Task(f"{RESUMED}/end/4").data.error
