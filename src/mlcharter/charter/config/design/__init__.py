"""Models of config blocks about design, one kind per file."""
