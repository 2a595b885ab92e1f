"""Where the contract suites of usage find their builders."""

import sys
from pathlib import Path

for support in ("support_events", "support_usage"):
    sys.path.insert(0, str(Path(__file__).parents[2] / support))
