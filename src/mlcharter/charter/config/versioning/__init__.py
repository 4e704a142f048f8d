"""Models of config blocks about versioning, one kind a file."""
