"""Models of contracts about design, one kind a file."""
