"""Small client programs, run by both systems with only the import line swapped; each prints one JSON value."""
