"""Models of config blocks, one kind a module: `explain` shows its docstring, MODEL validates it."""
