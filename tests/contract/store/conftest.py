"""What the contract suites of the store share beside the store itself."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "support_events"))

from event_builders import REALM, KnownSubjects, partner, realm

from partnergate.store import EventIngest


@pytest.fixture
def ingest(store):
    """An ingest whose realm has the partners acme and globex."""
    made = EventIngest(store=store, subjects=KnownSubjects())
    made.record_registry(realm(REALM), (partner("acme"), partner("globex")), 0)
    return made
