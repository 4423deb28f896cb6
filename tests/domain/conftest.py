"""Every branch of the rules is reached by an example that names it, not by chance.

Laws (what Hypothesis plays) run without the measurement of coverage: it takes twice as long as they do, and a branch
that only they reach would be reached today and perhaps not tomorrow.
"""

import sys
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Of these tests. (`no_cover` would stop only the second coverage of a worker of xdist, and not its first.)"""
    tracer = sys.gettrace()
    if tracer is None or "hypothesis" not in item.keywords or not type(tracer).__module__.startswith("coverage"):
        return (yield)
    sys.settrace(None)
    try:
        return (yield)
    finally:
        sys.settrace(tracer)
