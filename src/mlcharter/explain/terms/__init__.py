"""The terms that `explain` knows, one module each; the docstring is the definition.

`ALSO` has other names of the term.
"""
