"""Merge three versions of a charter into one: base, theirs (the template) and ours."""
