"""Rules about the config blocks of the evaluation pack and about eval reports, one per file."""
