"""Joins the shards of a night into one, whatever became of them."""

from journeys.farm.merge.merge import merged, read_shard

__all__ = ["merged", "read_shard"]
