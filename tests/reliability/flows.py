"""The flow that is disturbed: branches, a foreach, attempts, a catch, small and large artifacts."""

CRASH_FLOW = '''\
import os
import random

from flagstone import FlowSpec, catch, current, retry, step


def mark(name):
    """Tell a file outside of the home that this step has begun, in one piece."""
    fd = os.open(os.environ["MARKS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(fd, f"{current.run_id} {name} {current.retry_count}\\n".encode())
    os.close(fd)


class CrashFlow(FlowSpec):
    @step
    def start(self):
        mark("start")
        self.data = random.Random(1).randbytes(50_000)
        self.next(self.left, self.right)

    @step
    def left(self):
        mark("left")
        self.items = [3, 5, 8, 13]
        self.next(self.work, foreach="items")

    @retry(times=2, minutes_between_retries=0)
    @step
    def work(self):
        mark(f"work/{self.index}")
        print("at", self.input)
        if current.retry_count == 0 and self.index == 2:
            raise ValueError("not yet")
        self.block = random.Random(self.input).randbytes(30_000)
        self.square = self.input**2
        self.next(self.gather)

    @step
    def gather(self, inputs):
        mark("gather")
        self.squares = [one.square for one in inputs]
        self.text = "again " * 20_000
        self.next(self.both)

    @catch(var="trouble")
    @step
    def right(self):
        mark("right")
        if current.retry_count >= 0:
            raise RuntimeError("expected")
        self.next(self.both)

    @step
    def both(self, inputs):
        mark("both")
        self.squares = inputs[0].squares
        self.next(self.end)

    @step
    def end(self):
        mark("end")


if __name__ == "__main__":
    CrashFlow()
'''
