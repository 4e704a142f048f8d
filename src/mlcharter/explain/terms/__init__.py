"""The words of the charter, one a file: its docstring is what `explain` says about it.

`ALSO` are other words that lead to the same page.
"""
