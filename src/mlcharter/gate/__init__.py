"""Eval reports against the gates of the eval pack."""
