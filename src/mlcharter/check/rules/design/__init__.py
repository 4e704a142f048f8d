"""Rules about design, one a file."""
