"""Models of config blocks about safety, one kind per file."""
