"""Rules about safety, one per file."""
