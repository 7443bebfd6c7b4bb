"""Which line of a log was written when."""

from hypothesis import given
from hypothesis import strategies as st

from flagstone.model.logs import lines, pack, stamped, unpack

samples = st.lists(st.tuples(st.floats(0, 2e9), st.integers(0, 2**40), st.integers(0, 2**40)), max_size=20)


@given(taken=samples)
def test_samples_are_read_as_they_were_written(taken: list[tuple[float, int, int]]) -> None:
    assert unpack(pack(taken)) == taken


def test_a_torn_last_sample_is_left_out() -> None:
    data = pack([(1.0, 2, 3), (4.0, 5, 6)])

    assert unpack(data[:-1]) == [(1.0, 2, 3)]


@given(data=st.binary(max_size=200))
def test_no_byte_of_a_log_is_lost_between_lines(data: bytes) -> None:
    assert b"".join(lines(data)) == data


def test_a_progress_bar_is_one_line() -> None:
    assert list(lines(b"10%\r20%\rdone\nnext")) == [b"10%\r20%\rdone\n", b"next"]


def test_a_line_has_the_time_of_the_first_sample_that_covers_its_end() -> None:
    found = list(stamped(b"one\ntwo\nthree\n", [(1.0, 4), (2.0, 6), (3.0, 14)]))

    assert found == [(1.0, b"one\n"), (3.0, b"two\n"), (3.0, b"three\n")]


def test_what_no_sample_covers_has_the_time_of_the_last() -> None:
    assert list(stamped(b"a\nb\n", [(1.0, 2)])) == [(1.0, b"a\n"), (1.0, b"b\n")]
    assert list(stamped(b"a\n", [])) == [(0.0, b"a\n")]
