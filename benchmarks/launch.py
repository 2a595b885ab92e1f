"""Time of a partner's launch link, with and without a live session, on a real Keycloak on this machine.

    scripts/benchmark launch [--rounds 20]

Prints the median and the slowest time from the launch link to the product's page. The partner's identity
provider responds without a login page, so this is the time of Keycloak, the launch service and the product.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from urllib.parse import urljoin

from hostile.arena import OIDC, OTHER, SAML
from partnergate.devstack import keycloak_server
from partnergate.login.browser import Browser
from partnergate.login.pages import read_page
from worlds.launching import Launching, launching


def press(stage: Launching, browser: Browser, alias: str) -> tuple[float, int]:
    """(seconds, requests) from the launch link to the product's page."""
    started, requests = time.perf_counter(), 1
    answer = browser.request("GET", stage.button(alias))
    while answer.url != stage.product.url + "/":
        requests += 1
        if answer.status_code in {302, 303}:
            answer = browser.request("GET", urljoin(answer.url, answer.headers["Location"]))
        elif answer.status_code == 200:
            (form,) = read_page(answer.url, answer.status_code, answer.text).forms
            answer = browser.send(form)
        else:
            raise SystemExit(f"{answer.url} answers {answer.status_code}")
    if f'<dd id="partner">{alias}</dd>' not in answer.text:
        raise SystemExit("the launch did not end signed in")
    return time.perf_counter() - started, requests


def line(what: str, found: list[tuple[float, int]]) -> str:
    seconds = sorted(s for s, _ in found)
    p90 = seconds[int(len(seconds) * 0.9)]
    return f"| {what} | {statistics.median(seconds) * 1000:.0f} ms | {p90 * 1000:.0f} ms | {found[-1][1]} |"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    with keycloak_server(reuse="tests") as server, launching(server) as stage:
        stage.arena.oidc(OIDC, claims={"sub": "a"})
        stage.arena.oidc(OTHER, claims={"sub": "b"})
        stage.arena.saml(name_id="c")
        for alias in (OIDC, OTHER, SAML):
            press(stage, Browser(), alias)
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, {rounds} rounds\n")
        print("| launch | median | nine of ten within | requests |\n| --- | --- | --- | --- |")
        print(line("no session, OpenID Connect", [press(stage, Browser(), OIDC) for _ in range(rounds)]))
        print(line("no session, SAML 2.0", [press(stage, Browser(), SAML) for _ in range(rounds)]))
        same = Browser()
        press(stage, same, OIDC)
        print(line("live session of the same partner", [press(stage, same, OIDC) for _ in range(rounds)]))
        other = Browser()
        press(stage, other, OIDC)
        found = [press(stage, other, (OTHER, OIDC)[n % 2]) for n in range(rounds)]
        print(line("live session of another partner, ended first", found))


if __name__ == "__main__":
    main()
