"""Every route has examples, and they are what the service answers (issue 2, the contract)."""

from typing import Any

from sqlalchemy import URL

from api.app import operations
from api.models.problem import ProblemAnswer
from api.operation import Operation
from tests.api.examples import CLOCK, Story, migrated, stories
from tests.api.house import opened

BY_NAME = {str(operation.operation_id): operation for operation in operations()}
OF_A_CHANGED_CALCULATION = {"post_variance", "dismiss_variance"}
"""What there is nothing for while there is one version of the calculation: `test_variances` sees them succeed."""


async def test_the_examples_answer_today_what_is_written_in_them(empty_url: URL) -> None:
    """One story over all files, on both databases."""
    await migrated(empty_url)
    async with opened(empty_url, clock=CLOCK) as house:
        story = Story(house)
        await story.begin()
        for file, examples in stories().items():
            for example in examples:
                assert await story.play(example) == example["response"], f"{file.name}: {example['about']}"


def test_every_operation_has_an_example_that_succeeds() -> None:
    """And no example names an operation that there is not."""
    shown = {e["operation"] for examples in stories().values() for e in examples if e["response"]["status"] < 400}
    assert shown == BY_NAME.keys() - OF_A_CHANGED_CALCULATION


def test_the_documented_models_describe_the_answers_to_the_last_field() -> None:
    """Nothing is missing in an answer, and nothing in it is undocumented."""
    for examples in stories().values():
        for example in examples:
            check(BY_NAME[example["operation"]], example["response"])


def check(operation: Operation, response: dict[str, Any]) -> None:
    """The answer is what the operation's model says it is."""
    model = operation.response_model if response["status"] < 400 else ProblemAnswer
    if model is not None:
        read = model.model_validate(response["body"])
        assert read.model_dump(mode="json", by_alias=True, exclude_unset=True) == response["body"], operation.name
