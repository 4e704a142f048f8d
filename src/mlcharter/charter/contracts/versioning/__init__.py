"""Models of contracts about versioning, one kind a file."""
