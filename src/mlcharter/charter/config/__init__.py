"""Models of config blocks, one kind per module; `explain` shows the docstring of the module."""
