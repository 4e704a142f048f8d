"""The value that a gate compares with its threshold: `lower95`, `upper95` or `point`.

`lower95` and `upper95` are the ends of the 95 % confidence interval of a metric. Use `lower95` for
a metric that should be high and `upper95` for one that should be low, so that a random variation
cannot pass a gate. `point` is the metric itself; use it if there is no sampling error, such as for
a count of near-duplicates. `gate-bound-loose` reports a bound that is too permissive.
"""
