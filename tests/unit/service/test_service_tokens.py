"""Access token verification, and the cache of the realm's signing keys."""

import base64
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from partnergate.service.api.tokens import (
    InvalidTokenError,
    KeysUnavailableError,
    SigningKeys,
    TokenVerifier,
)

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
ISSUER = "https://id.test/realms/host"
KEYS = {name: rsa.generate_private_key(public_exponent=65537, key_size=2048) for name in ("k1", "k2")}


class Realm:
    """Publishes keys, counts the requests, and can be unavailable."""

    def __init__(self):
        self.published, self.asked, self.away, self.now = ["k1"], 0, False, 1000.0

    def fetch(self):
        self.asked += 1
        if self.away:
            raise OSError
        return {"keys": [jwk(name) for name in self.published]}

    def clock(self):
        return self.now


def jwk(name):
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEYS[name].public_key()))
    return {**public, "kid": name, "alg": "RS256", "use": "sig"}


def token(key="k1", *, kid=None, algorithm="RS256", secret=None, **changes):
    claims = {
        "iss": ISSUER,
        "aud": ["account", "partnergate"],
        "iat": NOW,
        "exp": NOW + timedelta(minutes=5),
        "typ": "Bearer",
        "azp": "host-usage",
        "realm_access": {"roles": ["usage-writer"]},
        **changes,
    }
    kept = {k: v for k, v in claims.items() if v is not None}
    return jwt.encode(
        kept, KEYS[key] if secret is None else secret, algorithm=algorithm, headers={"kid": kid or key}
    )


@pytest.fixture
def realm():
    return Realm()


@pytest.fixture
def verifier(realm):
    keys = SigningKeys(fetch=realm.fetch, clock=realm.clock)
    return TokenVerifier(issuer=ISSUER, audience="partnergate", keys=keys, clock=lambda: NOW)


def test_a_valid_token_names_client_roles_and_partner(verifier):
    found = verifier.verify(token(partner_id="acme", resource_access={"partnergate": {"roles": ["x"]}}))
    assert (found.client_id, found.partner) == ("host-usage", "acme")
    assert found.roles == {"usage-writer", "x"}


@pytest.mark.parametrize(
    "made",
    [
        lambda: "nonsense",
        lambda: token(aud="account"),
        lambda: token(aud=None),
        lambda: token(iss="https://id.test/realms/other"),
        lambda: token(exp=NOW - timedelta(minutes=1)),
        lambda: token(exp=None),
        lambda: token(typ="ID"),
        lambda: token(typ="Refresh"),
        lambda: token("k2", kid="k1"),
        lambda: token("k2"),
        lambda: token(algorithm="HS256", secret="k" * 64, kid="k1"),
        lambda: token(algorithm="none", secret="", kid="k1"),
    ],
)
def test_a_token_for_another_issuer_audience_or_time_is_refused(verifier, made):
    with pytest.raises(InvalidTokenError) as caught:
        verifier.verify(made())
    assert "eyJ" not in str(caught.value)


def test_keys_are_cached_and_refreshed_for_an_unknown_key_id(verifier, realm):
    verifier.verify(token())
    verifier.verify(token())
    assert realm.asked == 1
    realm.published, realm.now = ["k2"], realm.now + 11
    verifier.verify(token("k2"))
    assert realm.asked == 2
    with pytest.raises(InvalidTokenError):
        verifier.verify(token("k1"))


def test_forged_key_ids_do_not_cause_repeated_requests(verifier, realm):
    verifier.verify(token())
    for _ in range(5):
        with pytest.raises(InvalidTokenError):
            verifier.verify(token(kid="forged"))
    assert realm.asked <= 2


def test_keys_survive_a_short_outage_of_the_realm_only(verifier, realm):
    verifier.verify(token())
    realm.away, realm.now = True, realm.now + 700
    verifier.verify(token())
    realm.now += 3600
    with pytest.raises(KeysUnavailableError):
        verifier.verify(token())


@pytest.mark.parametrize(
    ("seconds", "times", "valid"),
    [
        (0, {}, True),
        (309, {}, True),
        (310, {}, False),  # five minutes plus ten seconds of leeway
        (-10, {}, True),
        (-11, {}, False),
        (0, {"nbf": NOW + timedelta(seconds=10)}, True),
        (0, {"nbf": NOW + timedelta(seconds=11)}, False),
        (0, {"exp": "9999999999"}, False),
        (0, {"exp": True}, False),
        (0, {"exp": float("nan")}, False),
        (0, {"iat": float("-inf")}, False),
    ],
)
def test_token_times_are_checked_with_the_service_clock(realm, seconds, times, valid):
    verifier = TokenVerifier(
        issuer=ISSUER,
        audience="partnergate",
        keys=SigningKeys(fetch=realm.fetch, clock=realm.clock),
        clock=lambda: NOW + timedelta(seconds=seconds),
    )
    if valid:
        assert verifier.verify(token(**times)).client_id == "host-usage"
    else:
        with pytest.raises(InvalidTokenError):
            verifier.verify(token(**times))


def test_the_actor_is_the_user_name_of_an_operator_and_the_user_id_of_a_partners_user(verifier):
    """The user name of a partner's user contains the identifier at the partner, which is not stored."""
    named = {"sub": "3f0c", "preferred_username": "acme.u7"}
    assert verifier.verify(token(partner_id="acme", **named)).actor == "acme (user 3f0c)"
    assert verifier.verify(token(**named | {"preferred_username": "anna"})).actor == "operator anna"
    assert verifier.verify(token(sub="3f0c")).actor == "operator 3f0c"
    assert verifier.verify(token(sub=None, preferred_username=None)).actor == "operator host-usage"


def test_a_slow_realm_holds_up_only_tokens_with_unknown_keys(verifier, realm):
    """A thread is needed only for a token that waits for new keys."""
    assert verifier.needs_keys(token())
    verifier.verify(token())
    assert not verifier.needs_keys(token())
    realm.now += 5
    assert not verifier.needs_keys(token(kid="forged"))  # refused at once: the keys were read just now
    realm.now += 10
    assert verifier.needs_keys(token(kid="forged"))
    assert not verifier.needs_keys("nonsense")
    realm.now += 700
    assert verifier.needs_keys(token())  # one request refreshes old keys

    def slow():
        assert not verifier.needs_keys(token())  # the others use the old ones meanwhile
        assert verifier.needs_keys(token(kid="forged"))
        return {"keys": [jwk("k1")]}

    verifier.keys.fetch = slow
    verifier.verify(token())


def encoded(text):
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "head",
    [
        b"[" * 30_000, b'{"a":' * 8000, b"[1]", b"1", b"", b"\xff\xfe", b'{"alg":[],"kid":"k1"}',
        b'{"alg":"RS256","kid":1}', b'{"alg":"RS256","kid":"\\ud83d"}', b'{"alg":"RS256","kid":"k1","crit":5}',
        b'{"alg":"RS256","kid":"k1","n":' + b"9" * 5000 + b"}",
    ],
)  # fmt: skip
def test_a_malformed_token_is_refused_without_an_error(verifier, head):
    for made in (f"{encoded(head)}.{encoded(b'{}')}.AA", encoded(head), f"{encoded(head)}..", "...."):
        verifier.needs_keys(made)
        with pytest.raises(InvalidTokenError):
            verifier.verify(made)
