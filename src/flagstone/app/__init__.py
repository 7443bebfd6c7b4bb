"""Settings and wiring: the one place that knows all the names. workspace: the stores of one home, wired together."""
