"""Models of config blocks, one kind per module: `explain` shows its docstring, MODEL validates it."""
