"""The cookie jar of the headless login."""

from __future__ import annotations

from partnergate.login.cookies import CookieJar

REALM = "http://localhost:8080/realms/host"


def jar_with(*lines: str) -> CookieJar:
    jar = CookieJar()
    jar.store(f"{REALM}/protocol/auth", lines)
    return jar


def test_a_secure_cookie_is_sent_over_plain_http() -> None:
    jar = jar_with("KEYCLOAK_SESSION=abc; Path=/realms/host/; Secure; HttpOnly; SameSite=None")
    assert jar.header(f"{REALM}/protocol/token") == "KEYCLOAK_SESSION=abc"


def test_a_cookie_is_limited_to_its_path_and_host() -> None:
    jar = jar_with("A=1; Path=/realms/host/")
    assert jar.header("http://localhost:8080/realms/host") == ""
    assert jar.header("http://localhost:8080/realms/hostile/x") == ""
    assert jar.header("http://127.0.0.1:8080/realms/host/x") == ""


def test_the_longest_path_comes_first() -> None:
    jar = jar_with("A=outer; Path=/", "A=inner; Path=/realms/host/")
    assert jar.header(f"{REALM}/x") == "A=inner; A=outer"


def test_an_expired_cookie_is_removed() -> None:
    jar = jar_with("A=1; Path=/", "B=2; Path=/")
    jar.store(REALM, ["A=; Path=/; Max-Age=0", "B=; Path=/; Expires=Thu, 01-Jan-1970 00:00:10 GMT"])
    assert jar.names() == frozenset()
