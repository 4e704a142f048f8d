"""Models of config blocks about versioning, one kind per file."""
