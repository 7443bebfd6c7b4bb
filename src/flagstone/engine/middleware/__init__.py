"""Wraps one attempt in the task's process. A middleware is one file, and owns the declarations that it understands.

The first wraps the second, and so on; the innermost is the user's step. What a middleware does before `proceed`
happens before the step, what it does after it happens after, and exceptions pass through it.
"""
