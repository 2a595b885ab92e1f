"""What was seen in a test login, in words: why it failed where no known reason explains it."""

from __future__ import annotations

from typing import Final

NUMBER: Final = 11
NAME: Final = "test_details"

STATEMENTS: Final = (
    # A JSON list of sentences.
    "ALTER TABLE staging_tests ADD COLUMN details TEXT",
)
