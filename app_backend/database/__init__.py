"""The database: connections, tables."""

from app_backend.database.engine import Database, DatabaseOutOfReach
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
