"""The forms of stored values: raw memory, pickle protocol 5 with its large blocks beside it, and code by value."""
