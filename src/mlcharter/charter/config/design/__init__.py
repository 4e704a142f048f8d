"""Models of config blocks about design, one kind a file."""
