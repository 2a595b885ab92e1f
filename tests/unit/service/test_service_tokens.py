"""A token of the realm proves who sends; nothing else does. Keys are cached, rotated and dropped."""

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

ISSUER = "https://id.test/realms/host"
KEYS = {name: rsa.generate_private_key(public_exponent=65537, key_size=2048) for name in ("k1", "k2")}


class Realm:
    """Publishes keys, counts how often it is asked, and can be away."""

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
    now = datetime.now(UTC)
    claims = {
        "iss": ISSUER,
        "aud": ["account", "partnergate"],
        "iat": now,
        "exp": now + timedelta(minutes=5),
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
    return TokenVerifier(issuer=ISSUER, audience="partnergate", keys=keys)


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
        lambda: token(exp=datetime.now(UTC) - timedelta(minutes=1)),
        lambda: token(exp=None),
        lambda: token(typ="ID"),
        lambda: token(typ="Refresh"),
        lambda: token("k2", kid="k1"),
        lambda: token("k2"),
        lambda: token(algorithm="HS256", secret="k" * 64, kid="k1"),
        lambda: token(algorithm="none", secret="", kid="k1"),
    ],
)
def test_a_token_that_is_not_the_realms_for_us_now_is_refused(verifier, made):
    with pytest.raises(InvalidTokenError) as caught:
        verifier.verify(made())
    assert "eyJ" not in str(caught.value)


def test_keys_are_cached_and_read_again_for_an_unknown_one(verifier, realm):
    verifier.verify(token())
    verifier.verify(token())
    assert realm.asked == 1
    realm.published, realm.now = ["k2"], realm.now + 11
    verifier.verify(token("k2"))
    assert realm.asked == 2
    with pytest.raises(InvalidTokenError):
        verifier.verify(token("k1"))


def test_forged_key_ids_do_not_make_us_ask_the_realm_each_time(verifier, realm):
    verifier.verify(token())
    for _ in range(5):
        with pytest.raises(InvalidTokenError):
            verifier.verify(token(kid="forged"))
    assert realm.asked <= 2


def test_keys_outlive_a_short_absence_of_the_realm_and_no_long_one(verifier, realm):
    verifier.verify(token())
    realm.away, realm.now = True, realm.now + 700
    verifier.verify(token())
    realm.now += 3600
    with pytest.raises(KeysUnavailableError):
        verifier.verify(token())
