"""The formats of `mlcharter fleet report`, one module each."""
