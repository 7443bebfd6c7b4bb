"""Tutorial 1: a playlist from a file of songs, put together by two steps that run at the same time.

python playlist.py run                              twenty minutes of folk, and a surprise
python playlist.py run --genre rock --minutes 12    what you like
python playlist.py run --songs mine.csv             from a file of your own
"""

import csv
from pathlib import Path
from random import Random
from typing import Any

from flagstone import FlowSpec, IncludeFile, Parameter, step

Song = dict[str, Any]


def parse(text: str) -> list[Song]:
    """The songs of a CSV file."""
    rows = csv.DictReader(text.splitlines())
    return [{**row, "minutes": float(row["minutes"]), "plays": int(row["plays"])} for row in rows]


class PlaylistFlow(FlowSpec):
    """The most played songs of a genre, and one of another genre."""

    songs = IncludeFile(
        "songs", default=Path(__file__).resolve().parents[1] / "songs.csv", parser=parse, help="a CSV file of songs"
    )
    genre = Parameter("genre", default="folk", help="what you like")
    minutes = Parameter("minutes", default=20.0, help="how long the favourites may take together")
    seed = Parameter("seed", default=7, help="another number is another surprise")

    @step
    def start(self) -> None:
        """Both steps after this one run at the same time, each in a process of its own."""
        genres = sorted({song["genre"] for song in self.songs})
        if self.genre not in genres:
            raise ValueError(f"there is no {self.genre!r} among the songs; there is {', '.join(genres)}")
        self.next(self.favourites, self.surprise)

    @step
    def favourites(self) -> None:
        """The most played songs of the genre, as many as fit."""
        self.chosen: list[Song] = []
        left = self.minutes
        for song in sorted(self.songs, key=lambda song: -song["plays"]):
            if song["genre"] == self.genre and song["minutes"] <= left:
                self.chosen.append(song)
                left -= song["minutes"]
        self.next(self.join)

    @step
    def surprise(self) -> None:
        """Any song of the other genres."""
        self.chosen = [Random(self.seed).choice([song for song in self.songs if song["genre"] != self.genre])]
        self.next(self.join)

    @step
    def join(self, inputs: Any) -> None:
        """Both branches have a `chosen` of their own: this is where we say what becomes of them."""
        self.playlist = inputs.favourites.chosen + inputs.surprise.chosen
        self.next(self.end)

    @step
    def end(self) -> None:
        """Print the playlist."""
        for number, song in enumerate(self.playlist, start=1):
            print(f"{number:2}. {song['title']} - {song['performer']} ({song['genre']}, {song['minutes']} min)")


if __name__ == "__main__":
    PlaylistFlow()
