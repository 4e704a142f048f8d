"""Models of contracts about safety, one kind a file."""
