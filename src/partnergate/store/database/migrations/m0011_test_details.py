"""Text about a failed test login: the details of a failure that no known reason explains."""

from __future__ import annotations

from typing import Final

NUMBER: Final = 11
NAME: Final = "test_details"

STATEMENTS: Final = (
    # A JSON list of sentences.
    "ALTER TABLE staging_tests ADD COLUMN details TEXT",
)
