"""Models of config blocks about cost, one kind per file."""
