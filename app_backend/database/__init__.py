"""The database: connections, tables."""

from app_backend.database.engine import PRODUCTION_MARK, Database, DatabaseOutOfReach
from app_backend.database.tables import (
    Base,
    Circuit,
    IdempotencyKey,
    LedgerIdentity,
    PersonRow,
    PictureRow,
    PictureState,
    Post,
    RateLimit,
    SignIn,
    TokenPair,
    UsedTicket,
)

__all__ = [
    "PRODUCTION_MARK",
    "Base",
    "Circuit",
    "Database",
    "DatabaseOutOfReach",
    "IdempotencyKey",
    "LedgerIdentity",
    "PersonRow",
    "PictureRow",
    "PictureState",
    "Post",
    "RateLimit",
    "SignIn",
    "TokenPair",
    "UsedTicket",
]
