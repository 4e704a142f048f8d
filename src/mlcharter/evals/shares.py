"""Wilson's interval of a share and the binomial distribution, with the standard library only.

`mlcharter gate` computes them where NumPy is not installed, and `intervals` uses the same `wilson`.

Sources: Wilson (1927), Probable inference, the law of succession, and statistical inference;
NIST Digital Library of Mathematical Functions 8.17 (the binomial tail as an incomplete beta
function, and its continued fraction); Lentz (1976), Generating Bessel functions in Mie scattering
calculations using continued fractions (how it is evaluated).
"""

import math
from functools import cache

_EXACT = 100_000  # units; of more, the normal approximation has four digits
_TINY = 1e-300
_DIGITS = 1e-12
_QUANTILES = {0.8: 0.8416212335729143, 0.975: 1.959963984540054}  # those that gates need


def wilson(share: float, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return both ends of Wilson's score interval of `share` in `n` independent units.

    There is no continuity correction. The ends are in 0 to 1, and `share` is between them.
    """
    square = quantile((1 + level) / 2) ** 2 / n
    reach = math.sqrt(square * (share * (1 - share) + square / 4))
    centre = share + square / 2
    # At 0 and 1 an end equals the share but for the last bit.
    lower, upper = (centre - reach) / (1 + square), (centre + reach) / (1 + square)
    return max(0.0, min(lower, share)), min(1.0, max(upper, share))


def binomial_tail(hits: int, n: int, share: float) -> float:
    """Return the probability of `hits` or more in `n` independent units with a true share."""
    if hits <= 0 or hits > n or not 0 < share < 1:
        return float(hits <= 0 or (hits <= n and share >= 1))
    if n > _EXACT:
        spread = math.sqrt(n * share * (1 - share))
        return math.erfc((hits - 0.5 - n * share) / spread / math.sqrt(2)) / 2
    a, b = hits, n - hits + 1
    scale = math.lgamma(n + 1) - math.lgamma(a) - math.lgamma(b)
    scale = math.exp(scale + a * math.log(share) + b * math.log1p(-share))
    if share < (a + 1) / (a + b + 2):
        return scale * _fraction(share, a, b) / a
    return 1 - scale * _fraction(1 - share, b, a) / b


def _fraction(x: float, a: int, b: int) -> float:
    """Return the continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 10_000):  # it takes about the square root of a + b
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1 / (1 + step * d or _TINY)
            c = 1 + step / c or _TINY
            value *= c * d
        if abs(c * d - 1) < _DIGITS:
            break
    return value


@cache
def quantile(probability: float) -> float:
    """Return a quantile of the standard normal distribution."""
    if probability in _QUANTILES:
        return _QUANTILES[probability]
    from statistics import NormalDist  # 10 ms to import, which `check` never pays

    return NormalDist().inv_cdf(probability)
