"""The live backend: accounts, profiles, avatars, posts, and the stream of their changes."""
