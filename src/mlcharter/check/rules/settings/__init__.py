"""Rules about settings, one a file."""
