"""`profile`: printed, or added up."""

import pytest

from flagstone import profile


def test_a_block_says_how_long_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    with profile("load"):
        pass

    begun, done = capsys.readouterr().out.splitlines()
    assert begun == "PROFILE: load starting"
    assert done.startswith("PROFILE: load completed in ")


def test_times_of_one_label_add_up_without_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    times = {"load": 1_000_000}

    with profile("load", stats_dict=times):
        pass
    with pytest.raises(ZeroDivisionError), profile("fail", times):
        raise ZeroDivisionError

    assert times["load"] >= 1_000_000
    assert "fail" in times
    assert capsys.readouterr().out == ""
