"""The rules about single steps: names, arguments, and how each says what comes next."""

from pathlib import Path

import pytest

from tests.flows import refusal


@pytest.mark.parametrize(
    ("name", "plain"), [("Train", "train"), ("_hidden", "hidden"), ("größe", "gr__e"), ("trainModel", "trainmodel")]
)
def test_step_names_are_lower_case_ascii(tmp_path: Path, name: str, plain: str) -> None:
    error = refusal(
        tmp_path,
        f"""
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.{name})
            @step
            def {name}(self):  # here
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert f"cannot be called '{name}'" in str(error)
    assert f"def {plain}(self):" in error.hint


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        ("", "takes no arguments"),
        ("self, inputs, more", "takes 3 arguments"),
        ("self, *inputs", "takes more than self"),
        ("self, **options", "takes more than self"),
        ("self, *, option=1", "takes more than self"),
    ],
)
def test_a_step_takes_self_and_a_join_takes_inputs(tmp_path: Path, signature: str, words: str) -> None:
    error = refusal(
        tmp_path,
        f"""
        class F(FlowSpec):
            @step
            def start({signature}):  # here
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert words in str(error)
    assert "'start'" in str(error)


def test_a_join_does_not_split_too(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.a, self.b)
            @step
            def a(self):
                self.next(self.both)
            @step
            def b(self):
                self.next(self.both)
            @step
            def both(self, inputs):
                self.next(self.a, self.b)  # here
            @step
            def end(self):
                pass
        """,
    )

    assert "step 'both' is a join (it takes inputs) and also splits" in str(error)
    assert "def after_both(self):" in error.hint


def test_an_async_step_is_refused(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            async def start(self):  # here
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert "step 'start' is an async function" in str(error)
    assert "asyncio.run" in error.hint


def test_a_step_that_yields_would_never_run(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):  # here
                yield 1
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert "step 'start' contains yield" in str(error)


def test_every_step_but_the_end_says_what_comes_next(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.middle)
            @step
            def middle(self):  # here
                self.x = 1
            @step
            def end(self):
                pass
        """,
    )

    assert "step 'middle' does not say what comes next" in str(error)
    assert "self.next(self.end)" in error.hint


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("if self.x:\n    self.next(self.a)  # here", "inside an `if`"),
        ("if self.x:\n    self.next(self.a)  # here\nelse:\n    pass", "inside an `if`"),
        ("for _ in range(3):\n    self.next(self.a)  # here", "inside a loop"),
        ("while True:\n    self.next(self.a)  # here", "inside a loop"),
        ("try:\n    self.next(self.a)  # here\nfinally:\n    pass", "inside a `try`"),
        ("try:\n    pass\nexcept ValueError:\n    self.next(self.a)  # here", "inside a `try`"),
        ("with open('f'):\n    self.next(self.a)  # here", "inside a `with`"),
        ("match 1:\n    case 1:\n        self.next(self.a)  # here", "inside a `match`"),
        ("self.next(self.a)  # here\nprint('after')", "before other statements"),
        ("return self.next(self.a)  # here", "in a `return`"),
    ],
)
def test_self_next_stands_at_the_end_of_the_step_and_nowhere_else(tmp_path: Path, body: str, words: str) -> None:
    indented = body.replace("\n", "\n                ")

    error = refusal(
        tmp_path,
        f"""
        class F(FlowSpec):
            @step
            def start(self):
                {indented}
            @step
            def a(self):
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert words in str(error)
    assert "step 'start'" in str(error)


def test_an_if_around_self_next_is_told_of_the_switch(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                if self.x:
                    self.next(self.end)  # here
            @step
            def end(self):
                pass
        """,
    )

    assert 'condition="choice"' in error.hint


def test_a_step_that_is_not_there_gets_a_suggestion(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.trian)  # here
            @step
            def train(self):
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert "step 'start' goes on to 'trian', and F has no step of this name" in str(error)
    assert error.hint == "did you mean self.train?"


def test_a_method_without_step_is_told_apart_from_a_typing_error(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.train)  # here
            def train(self):
                self.next(self.end)
            @step
            def end(self):
                pass
        """,
    )

    assert "train is a method without @step" in error.hint


def test_without_a_likely_name_all_steps_are_listed(tmp_path: Path) -> None:
    error = refusal(
        tmp_path,
        """
        class F(FlowSpec):
            @step
            def start(self):
                self.next(self.xyzzy)  # here
            @step
            def end(self):
                pass
        """,
    )

    assert error.hint == "its steps are start and end"
