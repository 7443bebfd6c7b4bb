"""The seams between rooms: one small protocol a file. Each has two implementations at least; one may be a fake."""
