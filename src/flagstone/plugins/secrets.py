"""Secrets as values, under the name that Metaflow gives them."""

from flagstone.secrets.reading import get_secret

__all__ = ["get_secret"]
