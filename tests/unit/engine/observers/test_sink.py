"""A sink takes text and bytes, whatever the stream can do, and never ends a run because nobody reads."""

import io
import os

from flagstone.engine.observers.sink import StreamSink


def test_text_that_the_encoding_lacks_is_escaped() -> None:
    binary = io.BytesIO()
    sink = StreamSink(io.TextIOWrapper(binary, encoding="ascii"))

    sink.text("naïve ✓\n")
    sink.flush()

    assert binary.getvalue() == b"na\\xefve \\u2713\n"


def test_bytes_of_a_task_pass_as_they_are() -> None:
    binary = io.BytesIO()
    sink = StreamSink(io.TextIOWrapper(binary, encoding="utf-8"))

    sink.raw(b"\xff\xfe\x00\n")
    sink.flush()

    assert binary.getvalue() == b"\xff\xfe\x00\n"


def test_a_stream_of_text_alone_takes_bytes_too() -> None:
    stream = io.StringIO()
    sink = StreamSink(stream)

    sink.raw(b"caf\xc3\xa9 \xff\n")
    sink.flush()

    assert stream.getvalue() == "café �\n"


def test_a_reader_that_left_silences_it() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = open(writing, "w", encoding="utf-8")  # noqa: SIM115 - its end is part of the test
    sink = StreamSink(stream)

    for _ in range(3):
        sink.text("into the void\n")
        sink.flush()

    os.dup2(os.open(os.devnull, os.O_WRONLY), writing)
    stream.close()


def test_what_waits_is_written_in_order_and_only_once() -> None:
    stream = io.StringIO()
    sink = StreamSink(stream)

    for number in range(5):
        sink.text(f"{number} ")
    sink.flush()
    sink.flush()

    assert stream.getvalue() == "0 1 2 3 4 "
