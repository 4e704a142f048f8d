"""The service: one process that serves what the tracks made, and refuses what was not gated."""
