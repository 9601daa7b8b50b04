"""The database: connections, tables."""

from app_backend.database.engine import Database, DatabaseOutOfReach
from app_backend.database.tables import (
    Base,
    Circuit,
    IdempotencyKey,
    LedgerIdentity,
    Person,
    Picture,
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
    "Person",
    "Picture",
    "PictureState",
    "Post",
    "RateLimit",
    "SignIn",
    "TokenPair",
    "UsedTicket",
]
