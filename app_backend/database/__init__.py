"""The database: connections, tables."""

from app_backend.database.engine import Database
from app_backend.database.tables import Base, Person, Post, RateLimit, SignIn, TokenPair, UsedTicket

__all__ = ["Base", "Database", "Person", "Post", "RateLimit", "SignIn", "TokenPair", "UsedTicket"]
