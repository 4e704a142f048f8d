"""Terms about gates, one module each."""
