"""Rules about config, one a file."""
