"""The Chromium of the system, for the guided test login and for tests."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> Path | None:
    """``PARTNERGATE_CHROMIUM`` when it is set, else the first browser of the family on the search path."""
    named = os.environ.get("PARTNERGATE_CHROMIUM")
    if named:
        return Path(named)
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    return Path(found) if found else None
