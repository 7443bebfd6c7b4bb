"""Errors as records: each renders with its data, survives pickling, and says what to do."""

import pickle
import string
from collections.abc import Iterator
from typing import Any

import pytest

from flagstone.model import errors
from flagstone.model.errors import FlagstoneError, InternalError, InvalidGraph, Location, NoSuchArtifact, ReadOnly


def kinds(base: type[FlagstoneError] = FlagstoneError) -> Iterator[type[FlagstoneError]]:
    """Every error class of the tree."""
    yield base
    for kind in base.__subclasses__():
        if vars(errors).get(kind.__name__) is kind:
            yield from kinds(kind)


def sample(kind: type[FlagstoneError]) -> FlagstoneError:
    """An error of this class with a value for each field that its texts name."""
    named = [f for text in (kind.template, kind.remedy) for _, f, _, _ in string.Formatter().parse(text) if f]
    numbers = {"count", "limit", "found", "known"}
    fields: dict[str, Any] = {name: 1 if name in numbers else name.upper() for name in named}
    return kind(where=Location("flow.py", 3), **fields)


KINDS = list(dict.fromkeys(kinds()))


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_renders_with_its_data(kind: type[FlagstoneError]) -> None:
    error = sample(kind)

    assert "{" not in str(error)
    assert "(flow.py:3)" in str(error)
    assert error.headline
    assert not error.headline.endswith(".")
    assert error.exit_status > 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_survives_a_process_boundary(kind: type[FlagstoneError]) -> None:
    error = sample(kind)

    again = pickle.loads(pickle.dumps(error))

    assert type(again) is kind
    assert (str(again), again.where, again.fields) == (str(error), error.where, error.fields)


def test_a_hint_given_with_the_error_wins_over_the_remedy_of_its_class() -> None:
    error = errors.NoFlow(file="f.py", problem="defines no flow", hint="write one")

    assert error.hint == "write one"
    assert str(error) == "f.py defines no flow. Write one"


def test_a_missing_field_is_found_where_the_error_is_made() -> None:
    with pytest.raises(KeyError):
        errors.MissingExtra(what="this")


def test_braces_in_the_data_are_left_alone() -> None:
    assert InvalidGraph(problem="{not a field}", hint="self.next({'a': self.b})").hint == "self.next({'a': self.b})"


def test_what_is_asked_for_as_an_attribute_is_an_attribute_error_too() -> None:
    assert isinstance(NoSuchArtifact(owner="F", name="x"), AttributeError)
    assert isinstance(ReadOnly(flow="F", name="x", problem="is a step"), AttributeError)


def test_our_own_mistakes_have_their_own_exit_status() -> None:
    assert InternalError(message="x").exit_status == 70
    assert {kind.exit_status for kind in kinds(errors.SetupError)} == {3}


def test_merge_errors_list_their_artifacts() -> None:
    error = errors.UnhandledInMergeArtifactsException(names="a and b", artifacts=["a", "b"])

    assert error.artifact_names == ["a", "b"]


def test_the_code_of_a_flow_raises_an_error_with_a_text_of_its_own() -> None:
    error = FlagstoneError("the shop is closed", 7, "shop.py")

    assert str(error) == "the shop is closed (shop.py:7)"
    assert error.headline == "Something went wrong"


def test_a_text_stands_for_the_fields_that_an_error_would_need() -> None:
    error = errors.NamespaceMismatch("not yours")

    assert str(error) == "not yours"


class ShopClosed(FlagstoneError):
    """An error of a flow, with a headline and arguments of its own."""

    headline = "The shop is closed"

    def __init__(self, day: str) -> None:
        super().__init__(f"nobody comes on {day}")


def test_an_error_of_the_users_with_other_arguments_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(ShopClosed("Sunday")))

    assert type(error) is ShopClosed
    assert str(error) == "nobody comes on Sunday"
    assert error.headline == "The shop is closed"
