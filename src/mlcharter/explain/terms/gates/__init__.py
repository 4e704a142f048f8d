"""Words about gates, one a file."""
