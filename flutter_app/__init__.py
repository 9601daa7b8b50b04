"""The reference Flutter app: sign-in, feed, profile screen and header, served as a Flutter web build."""

from flutter_app.server import create_app

__all__ = ["create_app"]
