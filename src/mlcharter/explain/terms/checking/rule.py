"""One check of `mlcharter check`, with a name such as `link-broken`.

Its findings fail at one level and at all later ones. `mlcharter explain` with its name shows the
reason, an example that is flagged, and one that is fine. `--select` and `--ignore` take its name or
a pattern such as `link-*`. An `allow` entry in the settings suppresses its findings until a date.
"""
