"""Evidence is the same on every platform; it is known by this name too while imports move."""

from flutter_bridge.evidence import Evidence

__all__ = ["Evidence"]
