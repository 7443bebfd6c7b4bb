"""Tutorial 3: the playlist again, made of what another flow has found out. Run `GenreStatsFlow` of tutorial 2 before.

python ../02-statistics/genre_stats.py run
python playlist_redux.py run --genre jazz
"""

from typing import Any

from flagstone import Flow, FlowSpec, Parameter, step


class PlaylistReduxFlow(FlowSpec):
    """The songs of a genre that are played more than most, and the hit of the genre that is played most."""

    genre = Parameter("genre", default="folk", help="what you like")

    @step
    def start(self) -> None:
        """Read the statistics of the newest run of the other flow that succeeded: no file of songs is needed here."""
        run = Flow("GenreStatsFlow").latest_successful_run
        if run is None or run.data is None:
            raise LookupError("GenreStatsFlow has not succeeded yet: run genre_stats.py of tutorial 2 first")
        print("statistics of", run.pathspec)
        self.based_on = run.pathspec
        self.genre_stats = run.data.genre_stats
        self.next(self.favourites, self.hit)

    @step
    def favourites(self) -> None:
        """The songs of the genre that are played more than its median."""
        stats = self.genre_stats[self.genre]
        self.chosen = [song for song in stats["songs"] if song["plays"] > stats["median"]]
        self.next(self.join)

    @step
    def hit(self) -> None:
        """The most played song of the most played other genre."""
        others = [stats for genre, stats in self.genre_stats.items() if genre != self.genre]
        self.chosen = [max(others, key=lambda stats: stats["median"])["songs"][0]]
        self.next(self.join)

    @step
    def join(self, inputs: Any) -> None:
        """Put the playlist together, and keep what both branches took over from `start`."""
        self.playlist = inputs.favourites.chosen + inputs.hit.chosen
        self.merge_artifacts(inputs, include=["based_on"])
        self.next(self.end)

    @step
    def end(self) -> None:
        """Print the playlist."""
        for number, song in enumerate(self.playlist, start=1):
            print(f"{number:2}. {song['title']} - {song['performer']} ({song['genre']}, {song['plays']:,} plays)")


if __name__ == "__main__":
    PlaylistReduxFlow()
