"""Assertion messages for the shared modules too."""

import pytest

pytest.register_assert_rewrite("tests.stack.stacks", "tests.stack.mutations")
