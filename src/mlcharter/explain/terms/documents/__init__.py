"""Terms about documents, one module each."""
