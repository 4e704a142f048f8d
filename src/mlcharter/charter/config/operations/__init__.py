"""Models of config blocks about operations, one kind per file."""
