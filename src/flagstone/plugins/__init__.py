"""Where Metaflow keeps what is not in its core: only names that flows import."""
