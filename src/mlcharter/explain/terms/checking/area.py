"""A topic, such as cost or security, for which `mlcharter status` computes a score.

Each section, with its items, belongs to one area. Each area has a number of points. The score is
the share of required items with evidence, weighted by these points, from 0 to 100. Areas of tracks
that the repository does not have are left out. The score is about the repository, not about people.
"""

ALSO = ("readiness", "score")
