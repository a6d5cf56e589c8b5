"""The tests of nbval's own way, on the outputs that a browser received: each damage is seen as well."""

from tests.notebooks.test_build import (  # noqa: F401  `compare`, which they use, is that of this folder
    built,
    edit,
    test_nbval_fails_each_changed_output_and_counts_a_cell_that_was_not_run,
    test_nbval_passes_what_was_built,
    write,
)
