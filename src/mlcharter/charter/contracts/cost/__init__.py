"""Models of contracts about cost, one kind a file."""
