"""Evidence whose file changed after its digest was written.

The item may still be true, but nobody has checked it since the change. Read what changed. If the
item is still true, write the digest that `evidence-stale` prints; otherwise untick the item.
"""

ALSO = ("stale",)
