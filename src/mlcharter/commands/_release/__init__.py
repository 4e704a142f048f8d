"""The commands of `mlcharter release`, and what they open."""
