"""Rules about cost, one per file."""
