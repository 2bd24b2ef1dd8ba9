"""Shares in percent, computed in integers.

A share is never shown on the wrong side of its limit, nor as 100 % or 0 % where it is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

# Enough to tell any two shares of counts below 10**18 apart; the end of every search.
_PLACES = 40


def share(of: int, over: int, anchors: Iterable[Fraction] = ()) -> str:
    """`of` out of `over` in percent, with as many decimals as tell it from each anchor.

    One decimal at least. 0 and 100 always are anchors. `anchors` are shares of 1.
    """
    exact = Fraction(of * 100, over)
    limits = [Fraction(0), Fraction(100), *(anchor * 100 for anchor in anchors)]
    for places in range(1, _PLACES):
        near = round(exact, places)
        if all(_side(near, one) == _side(exact, one) for one in limits):
            break
    whole, part = divmod(int(near * 10**places), 10**places)
    return f"{whole}.{part:0{places}d}"


def _side(value: Fraction, limit: Fraction) -> int:
    return (value > limit) - (value < limit)
