"""Libraries are imported without what costs every fork, and nobody else notices."""

import subprocess
import sys
from pathlib import Path

PLAIN = """
from flagstone import FlowSpec, step

class PlainFlow(FlowSpec):
    @step
    def start(self):
        import sys
        self.found = [name for name in ("threading", "random", "subprocess", "tempfile") if name in sys.modules]
        print("found", self.found)
        self.next(self.end)

    @step
    def end(self):
        import threading
        worker = threading.Thread(target=lambda: print("a thread", threading.current_thread().name != "MainThread"))
        worker.start()
        worker.join()
        print("main", threading.current_thread() is threading.main_thread())

if __name__ == "__main__":
    PlainFlow()
"""


def test_a_task_of_a_plain_flow_is_forked_without_what_makes_forks_slow(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text(PLAIN)
    environment = {"FLAGSTONE_HOME": str(tmp_path / "home"), "PATH": "", "FLAGSTONE_USER": "tester"}
    command = [sys.executable, str(tmp_path / "plain.py"), "run"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)

    assert done.returncode == 0, done.stderr
    assert "found []" in done.stdout
    assert "a thread True" in done.stdout
    assert "main True" in done.stdout


def test_typing_extensions_and_threading_are_there_for_everybody_else() -> None:
    code = """
        import flagstone.cli, sys
        print("threading" in sys.modules, "typing_extensions" in sys.modules)
        import threading, typing_extensions, click
        from click.globals import local
        print(local is threading.local, threading.Lock is not None, threading.__spec__.name, typing_extensions.__name__)
    """

    assert printed(code) == "False False\nTrue True threading typing_extensions"


def test_what_was_imported_before_is_left_alone() -> None:
    code = """
        import sys, threading, typing_extensions
        before = sys.modules["threading"], sys.modules["typing_extensions"]
        import flagstone.cli
        print((sys.modules["threading"], sys.modules["typing_extensions"]) == before)
    """

    assert printed(code) == "True"


def test_a_library_that_wants_more_of_threading_gets_the_real_one() -> None:
    code = """
        import sys
        from flagstone.kit.light import _Threading
        stand_in = sys.modules["threading"] = _Threading("threading")
        import threading as seen
        print(seen is stand_in, seen.local.__name__, "threading" in sys.modules)
        print(seen.Lock().locked(), sys.modules["threading"] is not stand_in)
    """

    assert printed(code) == "True _local True\nFalse True"


def printed(code: str) -> str:
    """What a fresh interpreter prints that runs this code."""
    lines = "\n".join(line.strip() for line in code.strip().splitlines())
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
