"""Models of config blocks about operations, one kind a file."""
