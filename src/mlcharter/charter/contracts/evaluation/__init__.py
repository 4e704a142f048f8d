"""Models of contracts about evaluation, one kind a file."""
