"""Check a charter by rules: findings, levels, baseline, fixes and outputs.

`engine` opens and checks a charter, `result` is what it returns, `eval_reports` decides gates on
the frozen reports, `result_cache` caches results
between runs, `rule` reads the documentation of a rule, `fixing` restores deleted parts of
documents, `cross_references` finds the paths in config blocks, `outputs` are formats of results,
`standards` checks a standard by itself, and `installed_version` compares this program with the
pinned one.
"""

__all__ = [
    "cross_references",
    "engine",
    "eval_reports",
    "fixing",
    "installed_version",
    "outputs",
    "result",
    "result_cache",
    "rule",
    "standards",
]
