"""Third-party identity providers are installed once, and only with the checksums of their lock."""

from __future__ import annotations

import dataclasses

import pytest

from partnergate.devstack.identity_providers import DJANGO_OAUTH_TOOLKIT, OIDC_PROVIDER, missing_requirement
from partnergate.devstack.identity_providers.locked_environment import locked_environment
from partnergate.devstack.notice import SilentNotice
from partnergate.errors import DevstackError

pytestmark = pytest.mark.integration


class Counting(SilentNotice):
    def __init__(self) -> None:
        self.reports: list[str] = []

    def report(self, text: str) -> None:
        self.reports.append(text)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("PARTNERGATE_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_package_without_the_pinned_checksum_is_rejected(cache, tmp_path):
    lock = tmp_path / "lock.txt"
    lock.write_text(f"sqlparse==0.6.1 --hash=sha256:{'0' * 64}\n")
    software = dataclasses.replace(DJANGO_OAUTH_TOOLKIT, lock=lock)
    with pytest.raises(DevstackError, match=r"(?i)hash"):
        locked_environment(software, SilentNotice())
    assert not list((cache / "identity-providers").glob("django-oauth-toolkit-*[0-9a-f]"))


def test_an_installed_provider_is_used_again(cache):
    if missing := missing_requirement(OIDC_PROVIDER):
        pytest.skip(missing)
    notice = Counting()
    first = locked_environment(OIDC_PROVIDER, notice)
    assert first == locked_environment(OIDC_PROVIDER, notice)
    assert first.is_relative_to(cache)
    assert len(notice.reports) == 1


def test_a_missing_command_is_named_with_its_package():
    software = dataclasses.replace(OIDC_PROVIDER, commands=(("no-such-command", "its-package"),))
    assert missing_requirement(software) == (
        "oidc-provider needs no-such-command, which is not installed (on Debian: apt-get install its-package)"
    )
