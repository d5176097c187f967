"""The whole file, loaded once."""

import pytest

from rongshu.flows.demo.cast import Cast, cast_members
from rongshu.flows.demo.retail import Retail, load_retail


@pytest.fixture(scope="session")
def retail() -> Retail:
    return load_retail()


@pytest.fixture(scope="session")
def cast(retail: Retail) -> Cast:
    return cast_members(retail)
