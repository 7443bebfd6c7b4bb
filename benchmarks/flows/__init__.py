"""The flows that are measured: written once, run by both systems with only the import line swapped."""
