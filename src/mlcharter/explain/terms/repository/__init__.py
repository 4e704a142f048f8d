"""Words about repository, one a file."""
