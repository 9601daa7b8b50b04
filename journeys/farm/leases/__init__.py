"""Who may use which device, and until when."""

from journeys.farm.leases.leases import HeldLease, Lease, LeaseLost, Leases

__all__ = ["HeldLease", "Lease", "LeaseLost", "Leases"]
