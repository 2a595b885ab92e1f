"""A command that reads never creates a store, because an empty one would report that no user ever logged in."""

import pytest

from partnergate.errors import StoreUnavailableError
from partnergate.store import open_existing_store, open_store


def test_a_missing_file_is_an_error_and_is_not_created(tmp_path):
    file = tmp_path / "typo.db"
    with pytest.raises(StoreUnavailableError, match="the database file does not exist"):
        open_existing_store(f"sqlite:///{file}")
    assert not file.exists()


def test_an_existing_store_is_opened(tmp_path):
    url = f"sqlite:///{tmp_path / 'here.db'}"
    open_store(url).close()
    open_existing_store(url).close()
