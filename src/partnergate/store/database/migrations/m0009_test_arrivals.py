"""What arrived in a test login and its result: names in full, values masked."""

from __future__ import annotations

from typing import Final

NUMBER: Final = 9
NAME: Final = "test_arrivals"

STATEMENTS: Final = (
    # JSON lists. Null means that the values could not be read; an empty list means that there were none.
    "ALTER TABLE staging_tests ADD COLUMN arrived TEXT",
    "ALTER TABLE staging_tests ADD COLUMN mapped TEXT",
)
