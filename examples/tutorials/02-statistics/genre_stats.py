"""Tutorial 2: statistics of each genre, all genres at the same time.

python genre_stats.py run
python genre_stats.py run --max-workers 2      two genres at a time
"""

import csv
from pathlib import Path
from statistics import quantiles
from typing import Any

from flagstone import FlowSpec, IncludeFile, step


def parse(text: str) -> list[dict[str, Any]]:
    """The songs of a CSV file."""
    rows = csv.DictReader(text.splitlines())
    return [{**row, "minutes": float(row["minutes"]), "plays": int(row["plays"])} for row in rows]


class GenreStatsFlow(FlowSpec):
    """How often the songs of each genre are played."""

    songs = IncludeFile(
        "songs", default=Path(__file__).resolve().parents[1] / "songs.csv", parser=parse, help="a CSV file of songs"
    )

    @step
    def start(self) -> None:
        """One task of `measure` for each genre: how many there are is not known before the file is read."""
        self.genres = sorted({song["genre"] for song in self.songs})
        self.next(self.measure, foreach="genres")

    @step
    def measure(self) -> None:
        """The songs of one genre, the most played first, and the quartiles of their plays."""
        self.genre = self.input
        songs = [song for song in self.songs if song["genre"] == self.genre]
        self.ranking = sorted(songs, key=lambda song: -song["plays"])
        self.quartiles = quantiles([song["plays"] for song in self.ranking], n=4, method="inclusive")
        self.next(self.join)

    @step
    def join(self, inputs: Any) -> None:
        """Gather what the tasks found, by genre."""
        self.genre_stats = {
            task.genre: {"songs": task.ranking, "quartiles": task.quartiles, "median": task.quartiles[1]}
            for task in inputs
        }
        self.next(self.end)

    @step
    def end(self) -> None:
        """Print a line for each genre; the statistics stay with the run, for everybody who asks for them."""
        for genre, stats in sorted(self.genre_stats.items(), key=lambda item: -item[1]["median"]):
            low, middle, high = stats["quartiles"]
            print(f"{genre:11} {len(stats['songs'])} songs  plays: {low:9,.0f} {middle:9,.0f} {high:9,.0f}")


if __name__ == "__main__":
    GenreStatsFlow()
