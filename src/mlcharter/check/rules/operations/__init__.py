"""Rules about operations, one per file."""
