"""Remembers: writes events to the metadata store in groups, so that many facts share one durable transaction."""

from flagstone.kit import clock
from flagstone.model.events import AnyEvent, Notice, PromptClosed, PromptOpened, RunEnded, TaskOutput
from flagstone.model.ids import RunId
from flagstone.ports.metadata_store import MetadataStore

INTERVAL = 0.05  # seconds: how long a fact may wait for company
GROUP = 20_000  # facts: enough for a resume to take over a large foreach in one transaction


class Recorder:
    """The observer that writes. What it was given is durable after `flush`."""

    def __init__(self, metadata: MetadataStore, run: RunId) -> None:
        self._metadata = metadata
        self._run = run
        self._waiting: list[AnyEvent] = []
        self._flushed = 0.0

    def on(self, event: AnyEvent) -> None:
        """Keep an event for the next group."""
        if isinstance(event, TaskOutput | Notice | PromptOpened | PromptClosed):
            return
        self._waiting.append(event)
        if isinstance(event, RunEnded) or len(self._waiting) >= GROUP:
            self.flush()

    def tick(self) -> None:
        """Write the group when it has waited long enough."""
        if self._waiting and clock.monotonic() - self._flushed >= INTERVAL:
            self.flush()

    def flush(self) -> None:
        """Write what waits, durably. Raises StorageFull, UnusableHome, WriteConflict; nothing is forgotten then."""
        if self._waiting:
            self._metadata.append(self._run, self._waiting)
            self._waiting = []
            self._flushed = clock.monotonic()

    def abandon(self) -> None:
        """Forget what waits: the store does not take it."""
        self._waiting = []

    def close(self) -> None:
        """Write the rest."""
        self.flush()
