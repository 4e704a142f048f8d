"""Rules about structure, one a file."""
