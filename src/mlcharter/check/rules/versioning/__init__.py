"""Rules about versioning, one per file."""
