"""Where the contract suites of statements find their builders."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "support_statements"))
