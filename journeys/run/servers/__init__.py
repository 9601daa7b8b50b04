"""Starts the servers a configuration names, watches them, and stops every one of them again."""

from journeys.run.servers.process import free_ports
from journeys.run.servers.servers import Servers, watch_addresses

__all__ = ["Servers", "free_ports", "watch_addresses"]
