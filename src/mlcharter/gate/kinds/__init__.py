"""Kinds of config blocks that decide a merge, one a file, each with `decide`."""
