"""An item whose evidence has changed since it was stamped.

It may still hold, but nobody has looked. Read the file again. If the item still holds, write the
digest that `evidence-stale` names; if not, untick it.
"""
