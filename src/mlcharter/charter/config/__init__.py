"""One kind of config block a module: its docstring explains it, its MODEL validates it."""
