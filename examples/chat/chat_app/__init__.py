"""A small chat: conversations of two, who is there, who is typing, and what has been read."""
