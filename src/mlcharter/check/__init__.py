"""Check a charter by rules: findings, levels, baseline, fixes and outputs.

`engine` opens and checks a charter, `result` is what it returns, `result_cache` keeps results
between runs, `rule` reads a rule's documentation, and `fixing` restores what a document has lost.
"""

__all__ = [
    "engine",
    "fixing",
    "result",
    "result_cache",
    "rule",
]
