"""Every block of code in the README and in docs/ runs, in a folder and a home of its own, and prints what it shows.

The words before a block that the reader does not see:

    <!-- file: flow.py -->      a Python block is saved under this name; one without it is run
    <!-- fails -->              the last command of a console block exits with another status than 0
    <!-- given: a.tar.xz -->    that file of tests/data was unpacked in the reader's folder before
    <!-- given: a/folder -->    that folder of the tree was copied there
    <!-- illustrative: why -->  the block is not run

In a console block a line that begins with `$ ` is a command. The others are lines of its output, where a duration
stands for any duration, spaces for more spaces, and `...` for anything.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from msgspec import Struct

ROOT = Path(__file__).resolve().parents[3]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(
    r"((?:^<!-- (?:file|fails|given|illustrative).*? -->\n)*)^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL
)


class Block(Struct, frozen=True):
    """One block of a page, and what was said before it."""

    language: str
    text: str
    file: str
    fails: bool
    given: str
    illustrative: bool


def blocks(page: Path) -> list[Block]:
    """The blocks of a page that have a language."""
    found = []
    for words, language, text in BLOCK.findall(page.read_text("utf-8")):
        file = re.search(r"<!-- file: (\S+) -->", words)
        given = re.search(r"<!-- given: (\S+) -->", words)
        found.append(
            Block(
                language=language,
                text=text,
                file=file[1] if file else "",
                fails="<!-- fails -->" in words,
                given=given[1] if given else "",
                illustrative="<!-- illustrative" in words,
            )
        )
    return found


RUNNABLE = [page for page in PAGES if any(block.language in ("python", "console") for block in blocks(page))]


class Reader:
    """Someone who does what a page says, in an empty folder."""

    def __init__(self, place: Path) -> None:
        self.folder = place / "work"
        self.folder.mkdir()
        bin_directory = place / "bin"
        bin_directory.mkdir()
        for name, words in (("python", ""), ("flagstone", " -m flagstone")):
            script = bin_directory / name
            script.write_text(f'#!/bin/sh\nexec "{sys.executable}"{words} "$@"\n')
            script.chmod(0o755)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FLAGSTONE_", "METAFLOW_"))}
        self.environment = {
            **kept,
            "HOME": str(place),
            "XDG_CONFIG_HOME": str(place / "config"),
            "PATH": f"{bin_directory}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "src"),
            "USER": "ann",
            "NO_COLOR": "1",
            "COLUMNS": "120",
        }

    def follow(self, block: Block) -> None:
        """Save or run one block; complains when it does not do what it shows."""
        if block.illustrative:
            return
        if block.given.endswith(".tar.xz"):
            with tarfile.open(ROOT / "tests" / "data" / block.given) as archive:
                archive.extractall(self.folder, filter="data")
        elif block.given:
            shutil.copytree(ROOT / block.given, self.folder / block.given)
        if block.language == "python" and block.file:
            (self.folder / block.file).write_text(block.text)
        elif block.language == "python":
            self.call(["python", "-W", "error", "-c", block.text])
        elif block.language == "console":
            self.type(block)

    def type(self, block: Block) -> None:
        """Type the commands of a console block, all in one shell."""
        commands = [line[2:] for line in block.text.splitlines() if line.startswith("$ ")]
        shown = [line for line in block.text.splitlines() if not line.startswith("$ ")]
        *before, last = commands
        script = "\n".join(["set -e", *before, f"! {last}" if block.fails else last])
        output = self.call(["bash", "-c", script])
        printed = [plain(line) for line in output.splitlines()]
        for line in shown:
            pattern = re.escape(plain(line)).replace(r"\.\.\.", ".*")
            assert any(re.fullmatch(pattern, other) for other in printed), f"{line!r} is not printed:\n{output}"

    def call(self, words: list[str]) -> str:
        """Run a command that must succeed; what it printed on both streams."""
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"{words[-1]}\nexits with {done.returncode}:\n{done.stdout}"
        return done.stdout


def plain(line: str) -> str:
    """A line without what differs from run to run."""
    line = re.sub(r" {2,}", "  ", line.rstrip())  # columns of tables
    return re.sub(r"\b\d+(\.\d+)? (ms|min|s|h)\b", "DURATION", line)


@pytest.mark.parametrize("page", RUNNABLE, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_reader_who_does_what_a_page_says_sees_what_it_shows(page: Path, tmp_path: Path) -> None:
    reader = Reader(tmp_path)

    for block in blocks(page):
        reader.follow(block)


def test_only_what_installs_or_runs_this_very_suite_is_not_run() -> None:
    skipped = [block.text for page in PAGES for block in blocks(page) if block.illustrative]

    assert all(re.search(r"pip install|make (test|demo)", text) for text in skipped)
    assert len(skipped) <= 3
