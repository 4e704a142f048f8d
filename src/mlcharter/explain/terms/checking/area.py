"""A topic, such as cost or security, for which `mlcharter status` computes a score.

Each section, with its items, belongs to one area. The score is the share of points, from 0 to 100,
that items with evidence have, of all that the tier requires: an item counts 3 points where a
failure harms people, 2 where results are wrong or missing, and 1 where it costs time or money.
Areas of tracks that the repository does not have are left out. A new repository has a score of 0.
The score is about the repository, not about people.
"""

ALSO = ("readiness", "score")
