"""The commands, one module each: parse the options, make one call, print the result.

The first line of a module's docstring is its summary in `mlcharter --help`; `SECTION` and
`POSITION` are its place there, and `command` is the click command. `fleet_report.py` is
`fleet-report`.
"""
