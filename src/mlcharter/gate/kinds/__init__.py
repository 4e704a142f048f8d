"""Kinds of config blocks that decide a merge, one a file: each returns verdicts."""
