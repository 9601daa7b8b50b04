"""Who may use which device, and until when: kept in the database that all who share devices have."""

from journeys.devices.leases.database import Database, open_database
from journeys.devices.leases.leases import HeldLease, Lease, LeaseLost, Leases

__all__ = ["Database", "HeldLease", "Lease", "LeaseLost", "Leases", "open_database"]
