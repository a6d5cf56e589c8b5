"""`compare`: nbval's own way, in a fresh kernel."""

import pytest


@pytest.fixture
def compare(request, tmp_path):
    """Run a notebook in a fresh kernel and compare each output with the stored one."""
    from tests.support.comparison import run_and_compare

    return lambda notebook: run_and_compare(request.session, notebook, tmp_path)
