"""The command line: `flagstone VERB` and `python flow.py VERB`.

verb: what a person asks for; one file of `verbs` each, found by its name. door: what every verb knows about how it was
called. output: the one place that prints and that turns errors into words and an exit status.
"""

from flagstone.kit.light import import_msgspec, without_threading

import_msgspec()
with without_threading():
    import click as click
