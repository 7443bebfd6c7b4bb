"""`parallel_map`: a function over many items inside one task, each in a process forked from it."""

import os
import pickle
import selectors
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, TypeVar

from flagstone.kit.processes import cores, death_with_parent, describe_exit, flush_of_c_streams
from flagstone.model.errors import MulticoreException, SetupError

T = TypeVar("T")
R = TypeVar("R")


def parallel_map(
    func: Callable[[T], R],
    iterable: Iterable[T],
    max_parallel: int | None = None,
    dir: str | None = None,  # noqa: A002 - the name is shared with Metaflow
) -> list[R]:
    """`[func(item) for item in iterable]`, with up to `max_parallel` (the cores) items at a time.

    Each call runs in a process forked from this one, so `func` may be a lambda or a closure and sees everything that
    is in memory; what it changes there stays in its process. Results travel through files in `dir`. A call that fails
    ends the others and raises MulticoreException with its traceback.
    """
    found = dict(_unordered(func, iterable, max_parallel, dir))
    return [found[index] for index in range(len(found))]


def parallel_imap_unordered(
    func: Callable[[T], R],
    iterable: Iterable[T],
    max_parallel: int | None = None,
    dir: str | None = None,  # noqa: A002 - likewise
) -> Iterator[R]:
    """The results of `func` for the items as they come, each as soon as it is there. See `parallel_map`."""
    return (result for _, result in _unordered(func, iterable, max_parallel, dir))


class _Child(NamedTuple):
    """A forked process: which item it works on, where its result will be, and what ends when it ends."""

    item: int
    pid: int
    file: Path
    lifeline: int


def _unordered(
    func: Callable[[Any], Any], iterable: Iterable[Any], max_parallel: int | None, folder: str | None
) -> Iterator[tuple[int, Any]]:
    if not hasattr(os, "fork"):
        raise SetupError(message="parallel_map needs fork, which this operating system lacks", hint="use a foreach")
    places = cores() if max_parallel is None else max_parallel
    if places < 1:
        raise MulticoreException(message=f"max_parallel={max_parallel}: a whole number from 1 is expected")
    scratch = Path(tempfile.mkdtemp(prefix="parallel-map-", dir=folder))
    running = selectors.DefaultSelector()
    try:
        for index, item in enumerate(iterable):
            while len(running.get_map()) >= places:
                yield from _collected(running)
            child = _fork(func, index, item, scratch)
            running.register(child.lifeline, selectors.EVENT_READ, child)
        while running.get_map():
            yield from _collected(running)
    finally:
        for key in list(running.get_map().values()):
            os.kill(key.data.pid, signal.SIGKILL)
            os.waitpid(key.data.pid, 0)
            os.close(key.data.lifeline)
        running.close()
        shutil.rmtree(scratch, ignore_errors=True)


def _collected(running: selectors.BaseSelector) -> Iterator[tuple[int, Any]]:
    """Wait until something ends, and yield the results that are there. Raises MulticoreException."""
    for key, _ in running.select():
        child: _Child = key.data
        running.unregister(child.lifeline)
        os.close(child.lifeline)
        code = os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1])
        yield child.item, _result(child, code)


def _result(child: _Child, code: int) -> Any:
    try:
        worked, content = pickle.loads(child.file.read_bytes())
    except FileNotFoundError:
        message = f"the process of item {child.item} ended without a result: {describe_exit(code)}"
        raise MulticoreException(message=message) from None
    child.file.unlink()
    if worked:
        return content
    raise MulticoreException(message=f"the call for item {child.item} failed:\n\n{content}")


def _fork(func: Callable[[Any], Any], index: int, item: Any, scratch: Path) -> _Child:
    reading, writing = os.pipe()
    file = scratch / str(index)
    arm, flush = death_with_parent(), flush_of_c_streams()
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        arm()
        if os.getppid() != parent:
            os._exit(1)
        os.close(reading)
        _work(func, item, file, flush)
    os.close(writing)
    return _Child(index, pid, file, reading)


def _work(func: Callable[[Any], Any], item: Any, file: Path, flush: Callable[[], None]) -> NoReturn:
    """The child: call, leave the result in its file, and go without running what the parent has to do at its end."""
    # Results may be functions, and only who comes here needs what stores them.
    dumps: Callable[[Any], bytes] = import_module("cloudpickle").dumps
    status = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            content = dumps((True, func(item)))
            status = 0
        except BaseException as error:  # noqa: BLE001 - whatever it is, the parent raises it
            trace = error.__traceback__.tb_next if error.__traceback__ is not None else None  # without this frame
            lines = traceback.format_exception(type(error), error, trace)
            content = pickle.dumps((False, "".join(lines).rstrip()))
        unfinished = file.with_suffix(".part")
        unfinished.write_bytes(content)
        unfinished.rename(file)
        sys.stdout.flush()
        sys.stderr.flush()
        flush()
    finally:
        os._exit(status)
