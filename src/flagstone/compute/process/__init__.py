"""Task processes on this machine: forked from a zygote, kept as workers, or started afresh.

zygote: a fork of the engine that has the user's module imported, keeps quiet, and forks a process for each task.
slot: one of the places where tasks run, with its two log files. ticket: the number of a launch. worker: a forked
process that runs job after job. spawn: a fresh interpreter for one job. board: a page of memory where the engine and
its workers tell each other what no message can tell in time.
"""
