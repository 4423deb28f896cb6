"""A broken rule: nothing is stored, and the caller is told which rule and why."""

from collections.abc import Mapping


class Refusal(Exception):
    """A rule said no. `code` is stable and part of the HTTP contract; `detail` is a sentence for a person.

    `facts` are further members of the answer (such as the id of the registration that stands in the way).
    """

    def __init__(self, code: str, detail: str, **facts: object) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.facts: Mapping[str, object] = facts

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"
