"""Tests that share a fixture of their module are run by one process, or each would make its own."""

import os

import pytest


@pytest.fixture(scope="module", params=["a", "b"])
def shared(request):
    return request.param


def test_a_group_goes_by_its_module_and_the_parameters_of_its_fixtures(shared, request):
    (mark,) = request.node.iter_markers("xdist_group")
    assert mark.args == (f"tests/test_groups.py {shared}",)
    if "PYTEST_XDIST_WORKER" in os.environ:  # there the group is part of the name
        assert request.node.nodeid.endswith(f"@{mark.args[0]}")
