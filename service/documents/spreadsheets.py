"""What spreadsheets would do to text, and how it is kept from them."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula: one that looks like one is preceded by an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA) else text
