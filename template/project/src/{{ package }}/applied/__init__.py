"""Applied ML on the Wisconsin diagnostic data: replace `data` and `contract` with your own."""
