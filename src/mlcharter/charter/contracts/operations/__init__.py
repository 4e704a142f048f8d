"""Models of contracts about operations, one kind a file."""
