"""Digests: of all buffers as one, in every process."""

import os
import signal
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagstone.kit.digest import digest_all, digest_of, from_hex, to_hex

LARGE = bytes(range(256)) * (3 << 12)  # enough for several threads


@given(st.lists(st.binary(max_size=50)))
def test_only_the_concatenation_counts(buffers: list[bytes]) -> None:
    assert digest_all(buffers) == digest_of(*buffers) == digest_of(b"".join(buffers))


def test_large_digests_are_the_same_with_threads_and_without() -> None:
    assert digest_all([LARGE]) == digest_all([LARGE[:777], LARGE[777:]]) == digest_of(LARGE)


def test_text_and_back() -> None:
    digest = digest_of(b"x")

    assert from_hex(to_hex(digest)) == digest
    with pytest.raises(ValueError, match="64 hexadecimal characters"):
        from_hex("ab")


def test_a_forked_process_digests_although_its_parent_has_done_so_with_threads() -> None:
    expected = digest_all([LARGE])
    child = os.fork()
    if child == 0:
        os._exit(0 if digest_all([LARGE]) == expected else 1)

    for _ in range(200):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        time.sleep(0.05)
    else:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        pytest.fail("the child waits for threads that it does not have")

    assert os.waitstatus_to_exitcode(status) == 0
