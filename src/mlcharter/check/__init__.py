"""Check a charter by rules: findings, levels, baseline, fixes and outputs.

`engine` opens and checks a charter, `result` is what it returns, `result_cache` caches results
between runs, `rule` reads the documentation of a rule, and `fixing` restores deleted parts of
documents.
"""

__all__ = [
    "engine",
    "fixing",
    "result",
    "result_cache",
    "rule",
]
