"""The journey language and its runner."""
