"""The commands, one a file: read the options, make one call, print the result.

A module has a docstring, whose first line is the summary in `mlcharter --help`, a `SECTION` and a
`POSITION` in that help, and a `command`. `fleet_report.py` would be typed `fleet-report`.
"""
