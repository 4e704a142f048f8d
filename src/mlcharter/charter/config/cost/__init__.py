"""Models of config blocks about cost, one kind a file."""
