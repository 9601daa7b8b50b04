"""Flutter web builds, driven through Playwright."""
