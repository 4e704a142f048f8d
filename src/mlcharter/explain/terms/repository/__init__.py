"""Terms about a repository, one module each."""
