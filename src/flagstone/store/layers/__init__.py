"""Concerns of stores of blobs, each a store that holds a store: trying again, keeping a copy at hand."""
