"""Hidden values: in texts, in previews that were cut, and in what a process and its children print."""

import subprocess
import sys
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagstone.kit import masking
from flagstone.kit.mask_pump import Hidden


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process hides nothing afterwards, and its streams are its own again."""
    monkeypatch.setattr(masking, "_state", masking._State())
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    monkeypatch.setattr(sys, "stderr", sys.stderr)


def printed(code: str) -> str:
    """What a process prints whose descriptors are its own."""
    begin = "import os, sys\nfrom flagstone.kit import masking\nmasking.own_descriptors()\n"
    done = subprocess.run(
        [sys.executable, "-c", begin + textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


def test_a_text_has_stars_where_a_hidden_value_was() -> None:
    masking.hide(["hunter2", "a b\nsecond line", 'quo"te'])

    assert masking.masked("is hunter2, hunter2!") == "is ***, ***!"
    assert masking.masked("a%20b%0Asecond%20line") == "***"
    assert masking.masked(repr(["a b\nsecond line"])) == "['***']"
    assert masking.masked("only second line of it") == "only *** of it"
    assert masking.masked('{"k": "quo\\"te"}') == '{"k": "***"}'


def test_what_is_too_short_is_not_hidden_since_everything_would_be_stars() -> None:
    masking.hide(["7", ""])

    assert masking.masked("17 of 70") == "17 of 70"


def test_a_cut_text_shows_no_part_of_a_hidden_value() -> None:
    masking.hide(["abcdefghij"])

    assert masking.masked_preview("see abcdef…") == "see ***…"
    assert masking.masked_preview("'see abcd...ghij'") == "'see ***...***'"
    assert masking.masked_preview("x...ghij and y") == "x...*** and y"
    assert masking.masked_preview("nothing… here") == "nothing… here"


def test_in_a_process_that_shares_its_descriptors_the_streams_are_masked(capsys: pytest.CaptureFixture[str]) -> None:
    masking.hide(["hunter2"])

    print("is hunter2")
    sys.stderr.writelines(["is hunter2\n"])

    assert capsys.readouterr() == ("is ***\n", "is ***\n")


def test_everything_that_a_process_prints_is_masked_however_it_is_printed() -> None:
    said = printed(
        """
        import logging, subprocess
        logging.basicConfig(stream=sys.stderr)
        masking.hide(["hunter2"])
        print("one hunter2")
        for character in "hunter2":
            print(character, end="", flush=True)
        print()
        os.write(2, b"two hunter2\\n")
        logging.warning("three hunter2")
        subprocess.run(["echo", "four hunter2"])
        masking.hide(["later"])
        print("five later hunt")
        """
    )

    assert sorted(said.split("\n")) == sorted(
        ["", "one ***", "***", "two ***", "WARNING:root:three ***", "four ***", "five *** hunt"]
    )


def test_when_it_settled_everything_is_where_it_belongs_and_in_order() -> None:
    said = printed(
        """
        log = os.dup(1)
        masking.hide(["hunter2"])
        for number in range(2000):
            print(number, "hunter2")
        sys.stdout.flush()
        masking.settle()
        os.write(log, b"end")
        """
    )

    assert said == "".join(f"{number} ***\n" for number in range(2000)) + "end"


def test_what_was_printed_before_the_process_was_killed_is_kept() -> None:
    code = """if True:
        import os
        from flagstone.kit import masking
        masking.own_descriptors()
        masking.hide(["hunter2"])
        os.write(1, b"last hunter2 words")
        os.kill(os.getpid(), 9)
    """

    said = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, timeout=60, check=False)

    assert (said.stdout, said.returncode) == ("last *** words", -9)


PIECES = st.lists(st.text("abc", max_size=4), max_size=12)
VALUES = st.lists(st.text("abc", min_size=2, max_size=5), min_size=1, max_size=3)


@given(PIECES, VALUES)
def test_however_a_text_is_cut_into_pieces_its_masked_form_is_the_same(pieces: list[str], values: list[str]) -> None:
    hidden = Hidden(sorted(values, key=len, reverse=True))

    passed, waiting = b"", b""
    for piece in pieces:
        waiting += piece.encode()
        keep = hidden.begins_at(waiting)
        passed += hidden.masked(waiting[:keep])
        waiting = waiting[keep:]
    passed += hidden.masked(waiting)

    assert passed == hidden.masked("".join(pieces).encode())
