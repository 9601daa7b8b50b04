"""Who may use which device, and until when: kept in the database that all who share devices have."""

from journeys.devices.leases.database import StoreDatabase, open_database
from journeys.devices.leases.leases import HeldLease, Lease, LeaseLost, Leases

__all__ = ["HeldLease", "Lease", "LeaseLost", "Leases", "StoreDatabase", "open_database"]
