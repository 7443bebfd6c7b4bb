"""Components of cards: what a step puts on its card, held as it was given; rendering is another room's work."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from flagstone.dsl.complaint import user_location
from flagstone.model.errors import NotHere


class MetaflowCardComponent:
    """What all components are; derive from it for one of your own, with `render()` and, if it is live, `update()`."""

    component_id: str | None = None

    def render(self) -> Any:
        """The component as text of a card."""
        return repr(self)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Replace what it shows. Raises NotHere for a component that stays as it was made."""
        del args, kwargs
        raise NotHere(
            what=f"{type(self).__name__}.update",
            problem="would change a component that is not live",
            hint="append a new component instead",
            where=user_location(),
        )

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({given})"


class Artifact(MetaflowCardComponent):
    """A value, as a short text."""

    def __init__(self, artifact: Any, name: str | None = None, compressed: bool = True) -> None:
        self.artifact = artifact
        self.name = name
        self.compressed = compressed

    def update(self, artifact: Any) -> None:
        """Show another value."""
        self.artifact = artifact


class Table(MetaflowCardComponent):
    """Rows of cells, which may be components."""

    def __init__(
        self,
        data: Sequence[Sequence[Any]] | None = None,
        headers: Sequence[str] | None = None,
        disable_updates: bool = False,
    ) -> None:
        self.data = [list(row) for row in data or []]
        self.headers = list(headers or [])
        self.disable_updates = disable_updates

    @classmethod
    def from_dataframe(cls, dataframe: Any = None, truncate: bool = True) -> "Table":
        """The rows of a table of pandas or polars; the first five when it is truncated."""
        shown = dataframe.head(5) if truncate else dataframe
        rows = shown.to_numpy().tolist() if hasattr(shown, "to_numpy") else shown.rows()
        return cls(rows, [str(name) for name in dataframe.columns])


class Image(MetaflowCardComponent):
    """A picture: the bytes of a GIF, JPEG, PNG or WebP file."""

    def __init__(self, src: bytes | None = None, label: str | None = None, disable_updates: bool = True) -> None:
        self.src = src
        self.label = label
        self.disable_updates = disable_updates

    @classmethod
    def from_pil_image(cls, pilimage: Any, label: str | None = None, disable_updates: bool = True) -> "Image":
        """A picture of Pillow, as PNG."""
        return cls(_saved(lambda file: pilimage.save(file, format="PNG")), label, disable_updates)

    @classmethod
    def from_matplotlib(cls, plot: Any, label: str | None = None, disable_updates: bool = True) -> "Image":
        """A figure or axes of matplotlib, as PNG."""
        figure = getattr(plot, "figure", None) or plot
        return cls(_saved(lambda file: figure.savefig(file, format="png")), label, disable_updates)

    def update(self, image: bytes, label: str | None = None) -> None:
        """Show another picture."""
        self.src = image
        self.label = label if label is not None else self.label


class Markdown(MetaflowCardComponent):
    """Text in Markdown."""

    def __init__(self, text: str | None = None) -> None:
        self.text = text

    def update(self, text: str | None = None) -> None:
        """Show another text."""
        self.text = text


class Error(MetaflowCardComponent):
    """An exception with its traceback."""

    def __init__(self, exception: BaseException | str, title: str | None = None) -> None:
        self.exception = exception
        self.title = title


class PythonCode(MetaflowCardComponent):
    """Source text: of a function, or as it is given."""

    def __init__(self, code_func: Callable[..., Any] | None = None, code_string: str | None = None) -> None:
        self.code_func = code_func
        self.code_string = code_string


class ProgressBar(MetaflowCardComponent):
    """How far something is."""

    def __init__(
        self,
        max: int = 100,  # noqa: A002 - the name is shared with Metaflow
        label: str | None = None,
        value: int = 0,
        unit: str | None = None,
        metadata: str | None = None,
    ) -> None:
        self.max = max
        self.label = label
        self.value = value
        self.unit = unit
        self.metadata = metadata

    def update(self, new_value: int, metadata: str | None = None) -> None:
        """Move on."""
        self.value = new_value
        self.metadata = metadata if metadata is not None else self.metadata


class ValueBox(MetaflowCardComponent):
    """One number, large."""

    def __init__(
        self,
        title: str | None = None,
        value: Any = None,
        subtitle: str | None = None,
        theme: str | None = None,
        change_indicator: str | None = None,
    ) -> None:
        self.title = title
        self.value = value
        self.subtitle = subtitle
        self.theme = theme
        self.change_indicator = change_indicator

    def update(self, **changes: Any) -> None:
        """Show other values: any of the arguments that it was made with."""
        for name, value in changes.items():
            if name not in vars(self):
                raise TypeError(f"ValueBox has no {name!r}")
            setattr(self, name, value)


class VegaChart(MetaflowCardComponent):
    """A chart in the grammar of Vega-Lite."""

    def __init__(self, spec: Mapping[str, Any], show_controls: bool = False) -> None:
        self.spec = dict(spec)
        self.show_controls = show_controls

    @classmethod
    def from_altair_chart(cls, altair_chart: Any) -> "VegaChart":
        """A chart of Altair."""
        return cls(altair_chart.to_dict())

    def update(self, spec: Mapping[str, Any] | None = None) -> None:
        """Show another chart."""
        if spec is not None:
            self.spec = dict(spec)


class Event(Struct, frozen=True):
    """One entry of an EventsTimeline."""

    data: Any
    style_theme: str | None = None
    priority: str | None = None
    payloads: Mapping[str, Any] | None = None
    finished: bool | None = None


class EventsTimeline(MetaflowCardComponent):
    """What happened, the newest first."""

    def __init__(self, title: str | None = None, max_events: int = 100) -> None:
        self.title = title
        self.max_events = max_events
        self.events: list[Event] = []
        self.total = 0

    def update(
        self,
        event_data: Any,
        style_theme: str | None = None,
        priority: str | None = None,
        payloads: Mapping[str, Any] | None = None,
        finished: bool | None = None,
    ) -> None:
        """Add an event; the oldest goes when there are more than `max_events`."""
        self.events.insert(0, Event(event_data, style_theme, priority, payloads, finished))
        del self.events[self.max_events :]
        self.total += 1

    def get_stats(self) -> dict[str, Any]:
        """How many events there were, and how many are shown."""
        last = self.events[0].finished if self.events else None
        return {"total_events": self.total, "displayed_events": len(self.events), "finished": bool(last)}


class _Viewer(MetaflowCardComponent):
    def __init__(
        self,
        data: Any,
        collapsible: bool = True,
        max_height: str | None = None,
        show_copy_button: bool = True,
        title: str | None = None,
    ) -> None:
        self.data = data
        self.collapsible = collapsible
        self.max_height = max_height
        self.show_copy_button = show_copy_button
        self.title = title

    def update(self, data: Any) -> None:
        """Show other data."""
        self.data = data


class JSONViewer(_Viewer):
    """Data as JSON."""


class YAMLViewer(_Viewer):
    """Data as YAML."""


class MetaflowCard:
    """A type of card; derive from it for one of your own, with a `type` and `render(task)`."""

    type: str | None = None
    ALLOW_USER_COMPONENTS = False
    RUNTIME_UPDATABLE = False
    RELOAD_POLICY = "never"

    def __init__(
        self, options: Mapping[str, Any] | None = None, components: Sequence[Any] | None = None, graph: Any = None
    ) -> None:
        self.options = dict(options or {})
        self.components = list(components or [])
        self.graph = graph

    def render(self, task: Any) -> str:
        """The card of a task as HTML: what a type of card defines."""
        raise NotImplementedError(f"{type(self).__name__} does not define render(task)")


def get_cards(task: Any, id: str | None = None, type: str | None = None, follow_resumed: bool = True) -> Any:  # noqa: A002 - shared names
    """The cards of a task. Raises NotHere: tasks have none."""
    del id, type, follow_resumed
    raise NotHere(
        what="get_cards",
        problem=f"would read the cards of {getattr(task, 'pathspec', task)}, and this version renders none",
        hint="read the artifacts that the step left: Task(...).data",
        where=user_location(),
    )


def _saved(save: Callable[[Any], None]) -> bytes:
    file = io.BytesIO()
    save(file)
    return file.getvalue()


__all__ = [
    "Artifact",
    "Error",
    "EventsTimeline",
    "Image",
    "JSONViewer",
    "Markdown",
    "MetaflowCard",
    "MetaflowCardComponent",
    "ProgressBar",
    "PythonCode",
    "Table",
    "ValueBox",
    "VegaChart",
    "YAMLViewer",
    "get_cards",
]
