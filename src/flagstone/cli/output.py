"""The one place that prints, and that turns what goes wrong into words and an exit status."""

import contextlib
import gc
import io
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice
from typing import Any, NoReturn

import click

from flagstone.cli.heavy import heavy
from flagstone.dsl.complaint import describe
from flagstone.kit.files import write_all
from flagstone.model.errors import FlagstoneError, InternalError

INTERRUPTED = 130
ROWS_MEASURED = 500
PIPE_CLOSED = 141  # as a shell reports a program that SIGPIPE ended


# --- saying ----------------------------------------------------------------------------------------------------


def say(text: str = "") -> None:
    """A line on stdout. Raises BrokenPipeError when nobody reads any more."""
    sys.stdout.write(f"{text}\n")


def note(text: str) -> None:
    """A line on stderr: about what is done, not a result."""
    sys.stderr.write(f"{text}\n")


def say_bytes(data: bytes) -> None:
    """Bytes on stdout, as they are."""
    sys.stdout.flush()
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:
        sys.stdout.write(data.decode("utf-8", "replace"))
    elif isinstance(binary, io.BufferedIOBase):
        binary.write(data)
    else:
        write_all(binary.fileno(), [data])


def say_json(value: Any) -> None:
    """A value as indented JSON on stdout; what JSON cannot say is shown as text."""
    say(heavy("indent")(heavy("json")(value, enc_hook=str), indent=2).decode())


def say_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns in line, under their heads; no cell can move the cursor.

    The first rows decide how wide the columns are, so that a million rows are printed as they come.
    """
    lines = ([printable(cell) for cell in row] for row in rows)
    first = [list(heads), *islice(lines, ROWS_MEASURED)]
    widths = [max(len(line[column]) for line in first) for column in range(len(heads))]
    for line in chain(first, lines):
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def printable(text: str) -> str:
    """Text without control characters: each is shown as an escape."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


# --- what goes wrong -------------------------------------------------------------------------------------------


def guard(work: Callable[[], Any]) -> int:
    """Do the work of a command line; returns its exit status, and lets no exception of ours reach the person."""
    _fill_closed_descriptors()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = work()
        sys.stdout.flush()
    except BrokenPipeError:
        _let_go_of_stdout()
        return PIPE_CLOSED
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except click.exceptions.Exit as leave:
        return leave.exit_code
    except click.ClickException as error:
        error.show(sys.stderr)
        return error.exit_code
    except InternalError as error:
        return _our_bug(error)
    except FlagstoneError as error:
        complain(error)
        return error.exit_status
    except Exception as error:  # noqa: BLE001 - the outermost boundary: a bug of ours is reported, not thrown at people
        return _our_bug(error)
    return status if isinstance(status, int) else 0


def leave(status: int) -> NoReturn:
    """Leave the process as `sys.exit` does, without looking for garbage among what the end of the process frees."""
    gc.freeze()  # the interpreter would look three times: a tenth of a whole small run
    sys.exit(status)


def _fill_closed_descriptors() -> None:
    """Open what is closed among stdin, stdout and stderr to nowhere: else the database could become one of them."""
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(descriptor)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
            os.set_inheritable(opened, True)
        if getattr(sys, name) is None:
            stream = open(descriptor, "w" if descriptor else "r", closefd=False, encoding="utf-8")  # noqa: SIM115 - stays
            setattr(sys, name, stream)


def complain(error: FlagstoneError) -> None:
    """An error on stderr, with its place and its remedy."""
    text = describe(error)
    headline = error.headline
    if headline and text.startswith(headline) and _colours(sys.stderr):
        text = f"\x1b[1;31m{headline}\x1b[0m{text[len(headline) :]}"
    note(text)


def _colours(stream: Any) -> bool:
    return "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb" and stream.isatty()


def _our_bug(error: Exception) -> int:
    """Say that this is not the person's mistake, and keep the traceback where it can be sent from."""
    text = "".join(traceback.format_exception(error))
    place = heavy("crash")(text)
    note(f"this is a bug in Flagstone: {type(error).__name__}: {error}")
    note(f"the traceback is in {place}; please report it" if place else text)
    return InternalError.exit_status


def _let_go_of_stdout() -> None:
    """Nobody reads stdout: nothing that is still buffered may raise again when the interpreter leaves."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
