"""What arrived in a test login and what became of it: names in full, values masked."""

from __future__ import annotations

from typing import Final

NUMBER: Final = 9
NAME: Final = "test_arrivals"

STATEMENTS: Final = (
    # JSON lists; null where nobody could look, which an empty list would not say.
    "ALTER TABLE staging_tests ADD COLUMN arrived TEXT",
    "ALTER TABLE staging_tests ADD COLUMN mapped TEXT",
)
