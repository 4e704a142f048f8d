"""Rules about versioning, one a file."""
