"""Words about checking, one a file."""
