"""A command that reads never makes a store: an empty one would say that nobody ever logged in."""

import pytest

from partnergate.errors import StoreUnavailableError
from partnergate.store import open_existing_store, open_store


def test_a_file_that_is_not_there_is_an_error_and_stays_away(tmp_path):
    file = tmp_path / "typo.db"
    with pytest.raises(StoreUnavailableError, match="no database"):
        open_existing_store(f"sqlite:///{file}")
    assert not file.exists()


def test_a_store_that_is_there_is_opened(tmp_path):
    url = f"sqlite:///{tmp_path / 'here.db'}"
    open_store(url).close()
    open_existing_store(url).close()
