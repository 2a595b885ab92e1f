"""The launch key: from the environment, or from a local file for a local realm."""

import stat

import pytest

from partnergate.errors import SecretError
from partnergate.service.launch.key import KEY_FILE, LAUNCH_KEY, launch_key


def test_processes_with_the_same_variable_have_the_same_key(tmp_path):
    first, second = (
        launch_key({LAUNCH_KEY: "k" * 32}, state_directory=tmp_path / name, key_file_allowed=False)
        for name in ("a", "b")
    )
    assert first == second
    assert list(tmp_path.iterdir()) == []


def test_a_local_realm_stores_its_key_in_a_private_file(tmp_path):
    first, second = (launch_key({}, state_directory=tmp_path, key_file_allowed=True) for _ in range(2))
    assert first == second
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


def test_a_shared_realm_requires_the_variable(tmp_path):
    with pytest.raises(SecretError, match=f"{LAUNCH_KEY} is not set"):
        launch_key({}, state_directory=tmp_path, key_file_allowed=False)


def test_a_short_key_is_refused_and_not_shown(tmp_path):
    with pytest.raises(SecretError, match="shorter than") as raised:
        launch_key({LAUNCH_KEY: "hunter2"}, state_directory=tmp_path, key_file_allowed=True)
    assert "hunter2" not in raised.value.diagnostics()
    assert "kkkk" not in repr(
        launch_key({LAUNCH_KEY: "k" * 32}, state_directory=tmp_path, key_file_allowed=True)
    )
