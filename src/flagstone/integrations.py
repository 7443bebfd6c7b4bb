"""Other systems that flows talk to, under the names that Metaflow gives them."""

from flagstone.tools.explained import ArgoEvent

__all__ = ["ArgoEvent"]
