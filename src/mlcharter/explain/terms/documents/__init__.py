"""Words about documents, one a file."""
