"""A task talks with a person: the engine lends its terminal to the tasks that ask for it, to one at a time.

desk: the engine's side, which lends the terminal. lease: the task's side of it, for as long as the task has it.
"""
