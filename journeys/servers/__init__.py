"""Starts the servers a configuration names, watches them, and stops every one of them again."""

from journeys.servers.scope import Servers
from journeys.servers.watching import watch_addresses

__all__ = ["Servers", "watch_addresses"]
