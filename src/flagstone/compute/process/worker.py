"""A forked process that runs job after job until its socket ends or somebody kills it."""

from flagstone.compute.process import wire
from flagstone.compute.process.board import Board
from flagstone.compute.process.task_process import Attendant
from flagstone.compute.process.threads import ThreadLimit
from flagstone.kit import frames


def serve(attendant: Attendant, limit: ThreadLimit, board: Board, hire: wire.Hire, fds: tuple[int, int, int]) -> None:
    """Take jobs from the first of `fds` in turn; the other two are the log files that the process writes to.

    Jobs that were sent to a predecessor have lower tickets than this worker, and are sent again under new ones. Jobs
    arrive several at a time, but each is answered before the next begins: a crash takes no report with it, and no
    report waits for a long job behind it.
    """
    link, *_ = fds
    while (message := frames.receive(link)) is not None:
        for work in wire.decode_works(message):
            if work.ticket < hire.ticket:
                continue
            if board.begin(hire.slot, work.ticket):
                limit.apply(work.threads)
                answer: wire.Done | wire.Skipped = attendant.attend(work.ticket, work.job, fds[1:])
            else:
                answer = wire.Skipped(work.ticket)
            frames.send(link, wire.encode(answer))
            board.rest(hire.slot)
