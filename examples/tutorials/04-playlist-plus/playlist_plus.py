"""Tutorial 4: the playlist of tutorial 3, where each step says what it needs and what is to be done when it fails.

python ../02-statistics/genre_stats.py run
python playlist_plus.py run
python playlist_plus.py run --shaky              the first try to read the statistics fails: see it tried again
python playlist_plus.py run --hit-from polka     there is no such genre: the playlist goes without its hit
"""

import os
from typing import Any

from flagstone import Flow, FlowSpec, Parameter, card, catch, current, environment, resources, retry, step, timeout
from flagstone.cards import Markdown, Table


class PlaylistPlusFlow(FlowSpec):
    """The songs of a genre that are played more than most, and the hit of another genre if there is one."""

    genre = Parameter("genre", default="folk", help="what you like")
    hit_from = Parameter("hit-from", default="rock", help="the genre that the hit comes from")
    shaky = Parameter("shaky", default=False, is_flag=True, help="let the first try to read the statistics fail")

    @retry(times=2, minutes_between_retries=0.005, backoff=2, on=ConnectionError)
    @step
    def start(self) -> None:
        """Read the statistics. A home may lie on a network: what is only a disturbance is tried again."""
        if self.shaky and current.retry_count == 0:
            raise ConnectionError("the line is disturbed, as you wished")
        run = Flow("GenreStatsFlow").latest_successful_run
        if run is None or run.data is None:
            raise LookupError("GenreStatsFlow has not succeeded yet: run genre_stats.py of tutorial 2 first")
        self.based_on = run.pathspec
        self.genre_stats = run.data.genre_stats
        self.next(self.favourites, self.hit)

    @resources(cpu=1, memory=200)
    @timeout(minutes=5)
    @step
    def favourites(self) -> None:
        """The songs of the genre that are played more than its median: a core, 200 MiB and five minutes are enough."""
        stats = self.genre_stats[self.genre]
        self.chosen = [song for song in stats["songs"] if song["plays"] > stats["median"]]
        self.next(self.join)

    @catch(var="no_hit")
    @step
    def hit(self) -> None:
        """The most played song of the other genre. A playlist without it is better than none."""
        self.chosen = self.genre_stats[self.hit_from]["songs"][:1]
        self.next(self.join)

    @environment(vars={"PLAYLIST_TITLE": "Songs for tonight"})
    @card
    @step
    def join(self, inputs: Any) -> None:
        """Put the playlist together, and put it on a card."""
        if inputs.hit.no_hit:
            print("no hit:", inputs.hit.no_hit)
        hits = [] if inputs.hit.no_hit else inputs.hit.chosen
        self.title = os.environ["PLAYLIST_TITLE"]
        self.playlist = inputs.favourites.chosen + hits
        self.merge_artifacts(inputs, include=["based_on", "no_hit"])
        current.card.append(Markdown(f"# {self.title}"))
        current.card.append(Table([[song["title"], song["performer"]] for song in self.playlist], ["title", "by"]))
        self.next(self.end)

    @step
    def end(self) -> None:
        """Print the playlist."""
        print(self.title)
        for number, song in enumerate(self.playlist, start=1):
            print(f"{number:2}. {song['title']} - {song['performer']} ({song['genre']}, {song['plays']:,} plays)")


if __name__ == "__main__":
    PlaylistPlusFlow()
