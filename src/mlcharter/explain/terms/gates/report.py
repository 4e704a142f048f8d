"""What a run measured, as JSON that `mlcharter gate` reads.

An eval writes one file a track, `reports/<track>.json`. Each run writes it again, so evidence
links to a copy frozen in `reports/released`, such as `2026-11-applied.json`; gates against the
last release read those.
"""
