"""Kinds of config blocks that decide a merge, one per file, each with `decide`."""
