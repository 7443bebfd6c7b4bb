"""One verb a file: `command`, or `script_command(flow)` where a flow's own script says it otherwise.

The folder is the list, and the first line of a file is what `--help` says about its verb.
"""
