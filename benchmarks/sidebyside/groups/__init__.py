"""The measures, a few related ones a file; each file has `rows(bench)`, which yields its lines of the table."""
