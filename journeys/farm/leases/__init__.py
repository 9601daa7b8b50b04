"""Who may use which device, and until when."""

from journeys.farm.leases.lease import HeldLease, Lease, LeaseLost
from journeys.farm.leases.leases import Leases

__all__ = ["HeldLease", "Lease", "LeaseLost", "Leases"]
