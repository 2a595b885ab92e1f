"""Checks of OpenID Connect and OAuth 2.0 partners: discovery, keys, endpoints, client and clock."""

from __future__ import annotations

import base64
import secrets
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from partnergate.doctor.check_results import CheckResult, Verdict
from partnergate.doctor.client_authentication import client_credentials
from partnergate.doctor.deployed_secrets import NotSent
from partnergate.doctor.probe import OK, Probe, compared
from partnergate.strict_json import decode_json
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.doctor.fetching import FetchResponse
    from partnergate.model.partner import Oauth2SignIn, OidcSignIn

_STRONG: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
)
_SMALLEST_RSA: Final = 2048
_CLIENT_ERRORS: Final = range(400, 500)


def oidc_findings(
    probe: Probe, sign_in: OidcSignIn, *, redirect_uri: str, secret: str | NotSent
) -> Iterator[CheckResult]:
    """Check discovery, keys, authorization endpoint, token endpoint and clock of one provider."""
    yield from _discovery(probe, sign_in)
    yield from _keys(probe, sign_in.jwks_url)
    yield from _authorization(probe, sign_in, redirect_uri)
    yield from _token(probe, sign_in, redirect_uri, secret)


def oauth2_findings(
    probe: Probe, sign_in: Oauth2SignIn, *, redirect_uri: str, secret: str | NotSent
) -> Iterator[CheckResult]:
    """Like ``oidc_findings``, with the user-info endpoint instead of discovery and keys."""
    yield from _authorization(probe, sign_in, redirect_uri)
    yield from _token(probe, sign_in, redirect_uri, secret)
    yield _user_info(probe, sign_in.userinfo_url)


def _discovery(probe: Probe, sign_in: OidcSignIn) -> Iterator[CheckResult]:
    """OpenID Connect Discovery 1.0, section 4."""
    url = sign_in.issuer.rstrip("/") + "/.well-known/openid-configuration"
    found = probe.json("oidc.discovery", url)
    if isinstance(found, CheckResult):
        yield found
        return
    yield compared(probe, "oidc.issuer", "the issuer", ours=sign_in.issuer, theirs=_text(found, "issuer"))
    for check, name, ours, key in (
        (
            "oidc.authorization_url",
            "the authorization endpoint",
            sign_in.authorization_url,
            "authorization_endpoint",
        ),
        ("oidc.token_url", "the token endpoint", sign_in.token_url, "token_endpoint"),
        ("oidc.jwks_url", "the key set", sign_in.jwks_url, "jwks_uri"),
    ):
        yield compared(probe, check, name, ours=ours, theirs=_text(found, key))
    published = found.get("id_token_signing_alg_values_supported")
    algorithms = [str(a) for a in published] if isinstance(published, list) else []
    strong = sorted(_STRONG.intersection(algorithms))
    if algorithms and not strong:
        yield probe.finding(
            "oidc.algorithms",
            Verdict.FAIL,
            f"the only ID token algorithms are {', '.join(algorithms)}",
            "the partner must support an asymmetric algorithm, RS256 or stronger",
        )
    else:
        yield probe.finding(
            "oidc.algorithms", Verdict.OK, f"ID token algorithms: {', '.join(strong) or 'not published'}"
        )


def _text(document: dict[str, Any], key: str) -> str | None:
    value = document.get(key)
    return value if isinstance(value, str) else None


def _keys(probe: Probe, url: str) -> Iterator[CheckResult]:
    found = probe.json("oidc.keys", url)
    if isinstance(found, CheckResult):
        yield found
        return
    listed = found.get("keys")
    keys = [k for k in listed if isinstance(k, dict)] if isinstance(listed, list) else []
    usable = [k for k in keys if k.get("kty") in {"RSA", "EC", "OKP"} and k.get("use", "sig") == "sig"]
    if not usable:
        yield probe.finding(
            "oidc.keys",
            Verdict.FAIL,
            f"{url} has no signing key",
            "the partner must publish its signing key",
        )
        return
    weak = [k for k in usable if k.get("kty") == "RSA" and _bits(k) < _SMALLEST_RSA]
    if weak:
        yield probe.finding(
            "oidc.keys",
            Verdict.FAIL,
            f"an RSA key has {_bits(weak[0])} bits",
            "use an RSA key of at least 2048 bits",
        )
    else:
        yield probe.finding("oidc.keys", Verdict.OK, counted(len(usable), "signing key"))


def _bits(key: dict[str, Any]) -> int:
    """Return the size of an RSA modulus in bits (RFC 7518, section 6.3.1.1)."""
    text = str(key.get("n", ""))
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return 0
    return int.from_bytes(raw, "big").bit_length()


def _authorization(
    probe: Probe, sign_in: OidcSignIn | Oauth2SignIn, redirect_uri: str
) -> Iterator[CheckResult]:
    """Send an authorization request; a server rejects an unregistered redirect URI immediately."""
    query = {
        "client_id": sign_in.client_id,
        "code_challenge": secrets.token_urlsafe(32),
        "code_challenge_method": "S256",
        "nonce": secrets.token_urlsafe(8),
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": " ".join(sign_in.scopes),
        "state": secrets.token_urlsafe(8),
    }
    separator = "&" if "?" in sign_in.authorization_url else "?"
    check, url = "oauth.redirect_uri", sign_in.authorization_url + separator + urlencode(query)
    response = probe.attempt(check, sign_in.authorization_url, lambda: probe.fetcher.get(url))
    if isinstance(response, CheckResult):
        yield response
        return
    yield probe.clock(response)
    location = response.headers.get("location", "")
    if response.status in _CLIENT_ERRORS or response.status >= 500:  # noqa: PLR2004
        yield probe.finding(
            check,
            Verdict.FAIL,
            f"the authorization endpoint rejects the request with status {response.status}",
            f"the partner must register the client {sign_in.client_id} and the redirect URI {redirect_uri}",
        )
    elif location.startswith(redirect_uri) and "error=" in location:
        yield probe.finding(
            check,
            Verdict.FAIL,
            f"the authorization endpoint returns {_error_of(location)}",
            "contact the partner",
        )
    else:
        yield probe.finding(
            check, Verdict.OK, "the authorization endpoint accepts the client and the redirect URI"
        )


def _error_of(location: str) -> str:
    return next(
        (part for part in location.partition("?")[2].split("&") if part.startswith("error=")), "an error"
    )


def _token(
    probe: Probe, sign_in: OidcSignIn | Oauth2SignIn, redirect_uri: str, secret: str | NotSent
) -> Iterator[CheckResult]:
    """Redeem an invalid code: the error shows whether the client authentication is correct."""
    check = "oauth.client"
    if isinstance(secret, NotSent):
        yield probe.finding(check, Verdict.SKIPPED, f"not checked: {secret.reason}", secret.advice)
        return
    response = invalid_code_response(probe, check, sign_in, redirect_uri, secret)
    yield (
        response if isinstance(response, CheckResult) else _client(probe, check, sign_in.client_id, response)
    )


def invalid_code_response(
    probe: Probe, check: str, sign_in: OidcSignIn | Oauth2SignIn, redirect_uri: str, secret: str
) -> FetchResponse | CheckResult:
    """Return the response of the token endpoint to an invalid code, or a finding when it fails."""
    form = {
        "grant_type": "authorization_code",
        "code": "partnergate-doctor-" + secrets.token_urlsafe(8),
        "code_verifier": secrets.token_urlsafe(48),
        "redirect_uri": redirect_uri,
    }
    headers, fields = client_credentials(sign_in, secret)
    return probe.attempt(
        check,
        sign_in.token_url,
        lambda: probe.fetcher.post_form(sign_in.token_url, form | fields, headers=headers),
    )


def token_error(response: FetchResponse) -> str:
    """Return the error code of a token endpoint (RFC 6749, section 5.2); ``invalid_client`` for a 401."""
    try:
        document = decode_json(response.body)
        error = str(document.get("error", "")) if isinstance(document, dict) else ""
    except ValueError:
        error = ""
    return error or ("invalid_client" if response.status == 401 else "")  # noqa: PLR2004


def _client(probe: Probe, check: str, client_id: str, response: FetchResponse) -> CheckResult:
    """RFC 6749, section 5.2: ``invalid_grant`` means that client authentication succeeded."""
    error = token_error(response)
    if error == "invalid_grant":
        return probe.finding(check, Verdict.OK, "the token endpoint accepts the client and its secret")
    if error in {"invalid_client", "unauthorized_client"} or response.status == 401:  # noqa: PLR2004
        return probe.finding(
            check,
            Verdict.FAIL,
            f"the token endpoint rejects the client {client_id} ({error})",
            "compare the client secret and the client authentication with the partner",
        )
    return probe.finding(
        check,
        Verdict.WARN,
        f"for an invalid code, the token endpoint returns status {response.status} {error or 'and no error'}",
        "RFC 6749 requires invalid_grant; run a test login to check whether logins work",
    )


def _user_info(probe: Probe, url: str) -> CheckResult:
    """The user-info endpoint must reject a request without a token."""
    response = probe.fetch("oauth2.userinfo", url, accept="application/json")
    if isinstance(response, CheckResult):
        return response
    if response.status == OK:
        return probe.finding(
            "oauth2.userinfo",
            Verdict.FAIL,
            f"{url} responds without a token",
            "this endpoint identifies the user, so it must require the access token",
        )
    return probe.finding(
        "oauth2.userinfo", Verdict.OK, f"the user-info endpoint requires a token ({response.status})"
    )
