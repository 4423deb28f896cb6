"""How many of something, as people write it."""


def counted(number: int, one: str, several: str | None = None) -> str:
    """`1 event`, `2,000 events`; `several` where it is not `one` with an s."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"
