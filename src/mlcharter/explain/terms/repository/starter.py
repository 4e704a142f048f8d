"""The system that ships with the template, so that a new repository runs on its first day.

It is there to be replaced. Its entries in config blocks carry `starter: true`, and texts about it
are below `<!-- starter -->`. `mlcharter gate` prints `starter` instead of `pass` for its gates,
and rule `starter-left` finds what is left of it at level complete. `mlcharter starter list` shows
its files, `mlcharter starter remove` takes them out; later updates do not bring them back.
"""
