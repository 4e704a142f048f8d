"""The words of the charter, one a file: its docstring is what `explain` says about it."""
