"""Every tutorial runs as its reader would run it: its flow by the command line, its notebook in a kernel."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest

from tests.acceptance.household import Household

ROOT = Path(__file__).resolve().parents[2]
TUTORIALS = ROOT / "examples" / "tutorials"
PAGE = ROOT / "docs" / "tutorial" / "five-flows.md"
NOTEBOOKS = sorted(TUTORIALS.glob("*/*.ipynb"))
STATISTICS = Path("02-statistics", "genre_stats.py")
GENRES = ["classical", "electronic", "folk", "jazz", "rock"]

# What a reader sees in the cells of each notebook.
SHOWN = {
    "00-hello/hello_world.ipynb": ("HELLO, ADA!", "successful", "GreetingFlow/1", "['hello', 'Ada']", "'hello, Grace'"),
    "01-playlist/playlist.ipynb": (
        "PlaylistFlow/1",
        "| Hold the Thunder | Brick Choir | rock | 5.6 |",
        "13.2 minutes of favourites",
        "32 songs to choose from; the genre was rock",
        "| The Cat Knows | Odette Varga | jazz | 4.9 |",
    ),
    "02-statistics/genre_stats.ipynb": (
        "GenreStatsFlow/1",
        "GenreStatsFlow/1/measure/6 rock [103400.0, 143600.0, 194450.0]",
        "| classical | 5 | Nocturne for Two Neighbours | 37,200 |",
        f"       rock {'█' * 40} 143,600",
    ),
    "03-playlist-redux/playlist_redux.ipynb": (
        "'GenreStatsFlow/1'",
        "  254,800  Hold the Thunder - Brick Choir",
        "played more than 30,650 times: ['The Cat Knows', 'Blue Umbrella', 'Thirteen Past Midnight']",
    ),
    "04-playlist-plus/playlist_plus.ipynb": (
        "0 failed ConnectionError: the line is disturbed, as you wished",
        "1 succeeded None",
        "KeyError: 'polka'",
        "Songs for tonight",
        "1 None Hold the Thunder",
    ),
}
KERNEL = {
    "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
    "display_name": "Python 3",
    "language": "python",
}
EXECUTE = """
import asyncio, os, sys
from pathlib import Path
import nbformat, nbclient

async def execute(path):
    notebook = nbformat.read(path, as_version=4)
    own = {"FLAGSTONE_HOME": f"{path}.home", "IPYTHONDIR": f"{path}.ipython"}
    client = nbclient.NotebookClient(
        notebook, timeout=240, startup_timeout=240, kernel_name="python3", allow_errors=True
    )
    await client.async_execute(cwd=str(path.parent), env=os.environ | own)
    nbformat.write(notebook, path)

async def main():
    await asyncio.gather(*(execute(Path(name)) for name in sys.argv[1:]))

asyncio.run(main())
"""


@pytest.fixture
def tutorials(house: Household) -> Path:
    """A copy of the tutorials that may be written in."""
    return Path(shutil.copytree(TUTORIALS, house.work / "tutorials", ignore=shutil.ignore_patterns("__pycache__")))


def titles(songs: Any) -> list[str]:
    """What the songs are called."""
    return [song["title"] for song in songs]


# --- the flows -------------------------------------------------------------------------------------------------------


def test_hello_greets_whom_one_says(house: Household, tutorials: Path) -> None:
    flow = tutorials / "00-hello" / "hello_world.py"

    drawn = house.run(flow, "show").text
    greeted = house.run(flow, "run", "--whom", "Ada").text

    assert all(step in drawn for step in ("start", "shout", "end"))
    assert "HELLO, ADA!" in greeted
    assert house.value("GreetingFlow", "words", "start") == ["hello", "Ada"]


def test_a_playlist_is_put_together_from_two_branches(house: Household, tutorials: Path) -> None:
    said = house.run(tutorials / "01-playlist" / "playlist.py", "run", "--genre", "jazz", "--minutes", "14").text

    playlist = house.data("PlaylistFlow").playlist
    assert titles(playlist[:-1]) == ["The Cat Knows", "Blue Umbrella"]
    assert sum(song["minutes"] for song in playlist[:-1]) <= 14
    assert playlist[-1]["genre"] != "jazz"
    assert all(title in said for title in titles(playlist))


def test_a_playlist_is_made_from_a_file_of_ones_own(house: Household, tutorials: Path) -> None:
    rows = ("title,performer,genre,year,minutes,plays", "A,me,polka,2000,2,1", "B,you,ska,2001,3,9", "")
    (house.work / "mine.csv").write_text("\n".join(rows))
    flow = tutorials / "01-playlist" / "playlist.py"

    house.run(flow, "run", "--songs", "mine.csv", "--genre", "polka")
    made = titles(house.data("PlaylistFlow").playlist)
    refused = house.run(flow, "run", "--songs", "mine.csv", "--genre", "tango", status=1).text

    assert made == ["A", "B"]
    assert "there is no 'tango' among the songs; there is polka, ska" in refused


def test_each_genre_is_measured_by_a_task_of_its_own(house: Household, tutorials: Path) -> None:
    said = house.run(tutorials / STATISTICS, "run").text

    tasks = sorted(house.latest("GenreStatsFlow")["measure"], key=lambda task: task.index or 0)
    stats = house.data("GenreStatsFlow").genre_stats
    assert [task["genre"].data for task in tasks] == GENRES
    assert list(stats) == GENRES
    assert stats["rock"]["quartiles"] == [103_400, 143_600, 194_450]
    assert all(genre in said for genre in GENRES)


def test_a_playlist_is_made_of_what_another_flow_found(house: Household, tutorials: Path) -> None:
    flow = tutorials / "03-playlist-redux" / "playlist_redux.py"

    too_early = house.run(flow, "run", status=1).text
    house.run(tutorials / STATISTICS, "run")
    house.run(tutorials / STATISTICS, "run")
    house.run(flow, "run", "--genre", "jazz")

    made = house.data("PlaylistReduxFlow")
    assert "GenreStatsFlow does not exist" in too_early
    assert made.based_on == "GenreStatsFlow/2"  # the newest
    assert titles(made.playlist) == ["The Cat Knows", "Blue Umbrella", "Thirteen Past Midnight", "Hold the Thunder"]


def test_decorators_of_steps_see_a_playlist_through(house: Household, tutorials: Path) -> None:
    flow = tutorials / "04-playlist-plus" / "playlist_plus.py"
    house.run(tutorials / STATISTICS, "run")

    house.run(flow, "run")
    smooth, attempts = house.data("PlaylistPlusFlow"), house.latest("PlaylistPlusFlow")["start"].task.attempts
    house.run(flow, "run", "--shaky", "--hit-from", "polka")
    rough, again = house.data("PlaylistPlusFlow"), house.latest("PlaylistPlusFlow")["start"].task.attempts

    favourites = ["Goodnight to the Harbour", "Salt on the Sill", "Lantern Road"]
    assert titles(smooth.playlist) == [*favourites, "Hold the Thunder"]
    assert (smooth.title, smooth.no_hit, len(attempts)) == ("Songs for tonight", None, 1)
    assert titles(rough.playlist) == favourites
    assert rough.no_hit.type.endswith("KeyError")
    assert [attempt.successful for attempt in again] == [False, True]


# --- the notebooks ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tutorials whose notebooks were executed, side by side, each on a fresh home."""
    place = tmp_path_factory.mktemp("notebooks")
    kernel = place / "jupyter" / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps(KERNEL))  # found before any other of this name: it is this very interpreter
    copy = Path(shutil.copytree(TUTORIALS, place / "tutorials", ignore=shutil.ignore_patterns("__pycache__")))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLAGSTONE_", "METAFLOW_"))}
    own = {
        "FLAGSTONE_USER": "tester",
        "JUPYTER_PATH": str(place / "jupyter"),
        "JUPYTER_DATA_DIR": str(place / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(place / "runtime"),
        "JUPYTER_CONFIG_DIR": str(place / "config"),
    }
    done = subprocess.run(
        [sys.executable, "-c", EXECUTE, *(str(copy / name) for name in SHOWN)],
        env=kept | own,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return copy


@pytest.mark.parametrize(("notebook", "shown"), SHOWN.items(), ids=list(SHOWN))
def test_a_notebook_shows_what_it_says(executed: Path, notebook: str, shown: tuple[str, ...]) -> None:
    outputs = [output for cell in read(executed / notebook)["cells"] for output in cell.get("outputs", ())]

    said = "\n".join(text_of(output) for output in outputs)
    assert [output["traceback"] for output in outputs if output["output_type"] == "error"] == []
    assert [words for words in shown if words not in said] == []


def test_the_page_of_the_tutorials_quotes_them_word_for_word() -> None:
    flows = [path.read_text("utf-8") for path in TUTORIALS.glob("*/*.py")]

    quoted = re.findall(r"^```text\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)

    assert quoted
    assert [text for text in quoted if not any(indent(text, "    ") in flow for flow in flows)] == []


def test_no_tutorial_is_left_out() -> None:
    assert [path.relative_to(TUTORIALS).as_posix() for path in NOTEBOOKS] == list(SHOWN)
    assert all(folder.is_dir() and list(folder.glob("*.py")) for folder in (path.parent for path in NOTEBOOKS))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_what_a_run_leaves_in_it(path: Path) -> None:
    notebook = read(path)

    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell for cell in code if cell["outputs"] or cell["execution_count"] is not None] == []
    assert [cell for cell in notebook["cells"] if cell["metadata"]] == []
    assert notebook["metadata"] == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }


def read(path: Path) -> Any:
    """A notebook."""
    return json.loads(path.read_text("utf-8"))


def text_of(output: dict[str, Any]) -> str:
    """What an output of a cell shows, in all of its forms."""
    forms = [output.get("text", ""), *output.get("data", {}).values()]
    return "\n".join("".join(form) for form in forms)
