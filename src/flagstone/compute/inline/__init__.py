"""Jobs in the engine's own process, one at a time: for tests and debuggers."""
