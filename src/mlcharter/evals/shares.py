"""Wilson's interval of a share, with the standard library only.

`mlcharter gate` computes it where NumPy is not installed, and `intervals` uses the same function.

Source: Wilson (1927), Probable inference, the law of succession, and statistical inference.
"""

import math
from functools import cache


def wilson(share: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return both ends of Wilson's score interval of `share` in `n` independent units.

    There is no continuity correction. The ends are in 0 to 1, and `share` is between them.
    """
    square = _quantile((1 + level) / 2) ** 2 / n
    reach = math.sqrt(square * (share * (1 - share) + square / 4))
    centre = share + square / 2
    # At 0 and 1 an end equals the share but for the last bit.
    lower, upper = (centre - reach) / (1 + square), (centre + reach) / (1 + square)
    return max(0.0, min(lower, share)), min(1.0, max(upper, share))


@cache
def _quantile(probability: float) -> float:
    """Return a quantile of the standard normal distribution."""
    from statistics import NormalDist  # 10 ms to import, and `check` seldom gets here

    return NormalDist().inv_cdf(probability)
