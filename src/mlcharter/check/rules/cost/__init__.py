"""Rules about cost, one a file."""
