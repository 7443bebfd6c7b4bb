"""Runs a plan: decide (scheduler), do (loop, launcher, task), remember and show (observers).

scheduler: a pure object, events in, commands out. loop: one selector that feeds it. launcher: turns a command into
a job. task: runs one attempt inside a task process. middleware: wraps an attempt, and owns the declarations that it
understands. observer: sees every event.
"""
