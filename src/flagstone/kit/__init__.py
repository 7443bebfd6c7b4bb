"""Tools that know nothing of flows: digests, files, locks, frames, text. Standard library and blake3 only."""
