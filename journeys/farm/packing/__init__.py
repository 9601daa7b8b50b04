"""Packs cells into shards by the time they are expected to take, and says how long that makes the night."""

from journeys.farm.packing.packing import packed, packing_ratio, wall

__all__ = ["packed", "packing_ratio", "wall"]
