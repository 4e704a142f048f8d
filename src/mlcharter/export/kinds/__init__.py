"""What is derived, one kind per module.

`PATHS` lists the files that a kind may write, `SOURCES` names the config blocks that they are
derived from, and `render(charter)` returns the text of each file that the blocks are filled in for.
A kind with another `ORIGIN` than config blocks has a `REMEDY`: what to do to get its files.
"""
