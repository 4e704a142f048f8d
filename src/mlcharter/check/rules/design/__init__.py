"""Rules about the config blocks of the design document, one per file."""
