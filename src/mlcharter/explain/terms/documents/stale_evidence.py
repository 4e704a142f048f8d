"""Evidence whose file changed after its digest was written.

The item may still hold, but nobody has checked. Read the file again. If the item still holds,
write the digest that `evidence-stale` prints; otherwise untick the item.
"""

ALSO = ("stale",)
