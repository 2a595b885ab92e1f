"""Makes the builders of events and usage importable by their plain name."""

import sys
from pathlib import Path

for support in ("support_events", "support_usage"):
    sys.path.insert(0, str(Path(__file__).parents[2] / support))
