"""Models of config blocks about safety, one kind a file."""
