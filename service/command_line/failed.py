"""How a command ends that cannot do what it was asked."""

from typing import Final

DONE: Final = 0
THE_ANSWER_IS_NO: Final = 1
WRONG_USE: Final = 2
INTERRUPTED: Final = 130


class Failed(Exception):
    """The command ends here. The text is one sentence for the person who typed it."""

    def __init__(self, sentence: str, status: int = THE_ANSWER_IS_NO) -> None:
        super().__init__(sentence)
        self.status = status


def wrong_use(sentence: str) -> Failed:
    """The command was not used as it is meant to be."""
    return Failed(sentence, WRONG_USE)
