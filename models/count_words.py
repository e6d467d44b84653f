"""Small counts as a sentence has them."""

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def in_words(count: int) -> str:
    """How many: in words up to ten, in digits beyond."""
    return _WORDS[count] if count < len(_WORDS) else str(count)
