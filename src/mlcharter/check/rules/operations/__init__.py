"""Rules about operations, one a file."""
