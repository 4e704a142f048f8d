"""Terms about checking, one module each."""
