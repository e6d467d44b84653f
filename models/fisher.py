"""Fisher's exact test that two shares are equal."""

from math import comb

_ROUNDING = 10**9  # tables likelier than the one found by a part in so many count as no likelier


def fisher(first: tuple[int, int], second: tuple[int, int]) -> float:
    """The p-value of the two-sided test; it takes what is counted for independent.

    Source: Fisher, "The logic of inductive inference", Journal of the Royal Statistical Society
    98, 1935; two-sided as the sum over all tables that are no likelier than the one found.

    Args:
        first: of one sample, how many there are of a kind, and how many not.
        second: of another sample, the same.
    """
    ones, others, kind = sum(first), sum(second), first[0] + second[0]
    ways = {
        count: comb(ones, count) * comb(others, kind - count)
        for count in range(max(0, kind - others), min(ones, kind) + 1)
    }
    most = ways[first[0]] * (_ROUNDING + 1)  # integers: a float overflows for large tables
    rare = sum(each for each in ways.values() if each * _ROUNDING <= most)
    return min(1.0, rare / sum(ways.values()))
