"""`update` and `adopt`: a plan, a merge by structure, and a journal that survives a kill."""
