"""The reference Flutter app: sign-in, feed, profile screen and header, served as a Flutter web build."""
