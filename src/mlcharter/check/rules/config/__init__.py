"""Rules about each config block and what it refers to, one per file."""
