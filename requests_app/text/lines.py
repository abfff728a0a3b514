"""Words broken into lines, for pictures in which nothing else breaks them."""


def wrapped(text: str, characters: int) -> tuple[str, ...]:
    """Words into lines of at most ``characters``; a longer word is cut with a hyphen, never lost."""
    lines: list[str] = []
    for whole in text.split():
        word = whole
        while len(word) > characters:
            lines.append(word[: characters - 1] + "-")
            word = word[characters - 1 :]
        if lines and not lines[-1].endswith("-") and len(lines[-1]) + 1 + len(word) <= characters:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return tuple(lines) or ("",)
