"""The results of an eval in a JSON file, which `mlcharter gate` reads.

The eval of a track writes `reports/<track>.json`, and each run overwrites it. For evidence, link a
copy in `reports/released`, such as `2026-11-applied.json`. Gates that compare with the last release
read these copies.
"""
