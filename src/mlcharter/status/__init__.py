"""How much of a charter is done, and what comes next."""
