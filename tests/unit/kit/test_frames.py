"""Messages of any size over a pair of sockets."""

import contextlib
import os
from collections.abc import Iterator
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flagstone.kit.frames import PACKET, Channel, pair, receive, send


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    """Both ends of a pair."""
    one, other = pair()
    yield one, other
    for fd in (one, other):
        with contextlib.suppress(OSError):
            os.close(fd)


SIZES = st.one_of(st.integers(0, 300), st.integers(PACKET - 2, PACKET + 2), st.integers(0, 3 * PACKET))


@settings(max_examples=30)
@given(st.lists(SIZES, max_size=6))
def test_messages_arrive_whole_and_in_order(sizes: list[int]) -> None:
    one, other = pair()
    messages = [os.urandom(size) for size in sizes]

    def send_all() -> None:
        for message in messages:
            send(one, message)

    sender = Thread(target=send_all)
    sender.start()
    received = [receive(other) for _ in messages]
    sender.join()

    assert received == messages
    os.close(one)
    assert receive(other) is None
    os.close(other)


@settings(max_examples=30)
@given(st.lists(SIZES, max_size=6))
def test_a_channel_keeps_what_does_not_fit_until_there_is_room(sizes: list[int]) -> None:
    one, other = (Channel(end) for end in pair())
    messages = [os.urandom(size) for size in sizes]

    for message in messages:
        one.send(message)
    received: list[bytes] = []
    while len(received) < len(messages):
        received += other.receive()
        one.flush()

    assert received == messages
    assert not one.waits
    one.close()
    other.close()


def test_the_rest_of_a_message_whose_reader_died_is_skipped(ends: tuple[int, int]) -> None:
    one, other = ends
    channel = Channel(one)
    channel.send(b"x" * (2 * PACKET))
    os.read(other, PACKET + 1)  # the reader that dies takes the first packet with it

    channel.forget()
    channel.send(b"whole")

    assert receive(other) == b"whole"


def test_a_message_that_was_never_finished_is_dropped_for_the_next(ends: tuple[int, int]) -> None:
    one, other = ends
    os.write(one, b"\1half of a message")

    send(one, b"whole")

    assert receive(other) == b"whole"


def test_a_channel_notices_that_the_other_end_is_closed(ends: tuple[int, int]) -> None:
    one, other = ends
    channel = Channel(one)
    send(other, b"last")

    os.close(other)

    assert channel.receive() == [b"last"]
    assert channel.closed
    channel.send(b"nobody hears this")
    assert not channel.waits
    channel.close()
    channel.close()


def test_an_end_that_was_closed_with_unread_packets_is_an_end(ends: tuple[int, int]) -> None:
    one, other = ends
    send(one, b"never read")

    os.close(other)

    assert receive(one) is None
