"""One kind of contract a module: its docstring explains it, its MODEL validates it."""
