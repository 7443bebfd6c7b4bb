"""What every error is: a record with a headline, what happened, where, and what to do next; and its three branches."""

from typing import Any, ClassVar, NamedTuple


class Location(NamedTuple):
    """A line of the user's own code."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class FlagstoneError(Exception):
    """Something went wrong."""

    template: ClassVar[str] = "{message}"
    remedy: ClassVar[str] = ""
    exit_status: ClassVar[int] = 1

    def __init__(
        self,
        message: str | None = None,
        lineno: int | None = None,
        source_file: str | None = None,
        *,
        where: Location | None = None,
        **fields: Any,
    ) -> None:
        """From the fields of the template, or from a whole `message`, as the code of flows raises it."""
        if message is not None:
            fields["message"] = message
        if where is None and source_file is not None and lineno is not None:
            where = Location(source_file, lineno)
        self.where = where
        self.fields = fields
        for name, value in fields.items():
            if name != "hint":  # a property: the field, or else the class's remedy
                setattr(self, name, value)
        super().__init__(self.message_text)

    @property
    def headline(self) -> str:
        """The first sentence of the class's docstring, without its full stop."""
        return (type(self).__doc__ or "").strip().split("\n")[0].rstrip(".")

    @property
    def message_text(self) -> str:
        """What happened, with the data."""
        return str(self.fields["message"]) if "message" in self.fields else self.template.format(**self.fields)

    @property
    def hint(self) -> str:
        """What to do next; empty when there is nothing to add."""
        if "message" in self.fields and "{" in self.remedy:
            return str(self.fields.get("hint") or "")
        return str(self.fields.get("hint") or self.remedy.format(**self.fields))

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        advice = f". {self.hint[:1].upper()}{self.hint[1:]}" if self.hint else ""
        return f"{self.message_text}{place}{advice}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.where, self.fields)


def _rebuild(kind: type[FlagstoneError], where: Location | None, fields: dict[str, Any]) -> FlagstoneError:
    error = kind.__new__(kind)
    FlagstoneError.__init__(error, where=where, **fields)  # a class of the user's may take other arguments
    return error


class UserError(FlagstoneError):
    """The flow or its input is not right."""


class SetupError(FlagstoneError):
    """The machine or the home is not ready."""

    exit_status = 3


class StoreUnavailable(SetupError):
    """The store of artifacts does not answer."""

    template = "{store}: {problem}"
    remedy = "see that the server and the network are up, and resume: nothing that was finished is lost"


class StoreRefused(SetupError):
    """The store of artifacts refuses."""

    template = "{store}: {problem}"


class InternalError(FlagstoneError):
    """Flagstone itself made a mistake; please report it."""

    exit_status = 70
