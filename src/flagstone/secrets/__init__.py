"""Secrets: values from the environment, files, keyrings and cloud vaults, which are then shown nowhere."""

from flagstone.secrets.reading import get_secret

__all__ = ["get_secret"]
