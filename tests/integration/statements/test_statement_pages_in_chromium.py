"""The statement pages on phone and desktop screens, for operators and partners.

Statement with long names and many lines, dispute, reconciliation, trace and problem page, from a
service of our own on a real store.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect, sync_playwright

from builders.agreements import agreement, charges
from builders.partners import billed_partner
from fakes.named_tokens import NamedTokens
from partnergate.model.agreement import Charge
from partnergate.pricing.models.flat import Flat
from partnergate.rendering.stylesheets import paper_colors
from partnergate.service.access import Authorizer
from partnergate.service.api.ingest import IngestQueue
from partnergate.service.app import create_app
from partnergate.service.deps import ServiceDeps
from partnergate.store.database.opening import open_store
from partnergate.store.usage.ledger import StoredUsage
from worlds.served_app import served_app
from worlds.statement_world import BASE, NOW, final_october, signing_in

pytestmark = [pytest.mark.integration, pytest.mark.browser]
OCTOBER = "/partners/acme/statements/acme-2026-10-01"
LONG = tuple(
    Charge(name=f"Donaudampfschifffahrtsgesellschaftskapitänsabrechnung {n}", price=Flat(amount=Decimal(n)))
    for n in range(1, 20)
)
ACME = signing_in(
    billed_partner(
        agreement(charges=(*charges(), *LONG)), name="Gesellschaft für Prozessintegration mbH & Co. KG"
    )
)


@pytest.fixture
def url(tmp_path):
    """A finalized October statement: twelve logins with one task each."""
    with open_store(f"sqlite:///{tmp_path}/store.db") as store:
        final_october(store, ACME)
        usage = StoredUsage(store)
        deps = ServiceDeps(
            realm="host",
            environment="production",
            store=store,
            usage=usage,
            queue=IngestQueue(ledger=usage, realm="host", clock=lambda: NOW),
            authorizer=Authorizer(verifier=NamedTokens()),
            clock=lambda: NOW,
        )
        with served_app(create_app(deps)) as port:
            yield f"http://127.0.0.1:{port}"


@pytest.fixture(params=[390, 1280])
def page_of(request, chromium):
    """Open a page with a given width as a given principal."""
    flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=flags)

        def opened(who: str):
            context = browser.new_context(
                viewport={"width": request.param, "height": 900},
                extra_http_headers={"Authorization": f"Bearer {who}"},
            )
            return context.new_page()

        yield opened
        browser.close()


def fits(page) -> None:
    """Assert that nothing overflows the window and no amount in a table is truncated."""
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = "[...document.querySelectorAll('.table-scroll')].filter(e => e.scrollWidth > e.clientWidth).length"
    assert page.evaluate(cut) == 0


def test_a_partner_disputes_a_line_and_sees_the_response(url: str, page_of) -> None:
    page = page_of("acme")
    page.goto(url + OCTOBER)
    fits(page)
    ink = paper_colors()["ink"].lstrip("#")
    wanted = f"rgb({', '.join(str(int(ink[at : at + 2], 16)) for at in (0, 2, 4))})"
    assert page.evaluate("getComputedStyle(document.querySelector('.total td')).borderTopColor") == wanted
    page.get_by_text("Dispute a line").click()
    form = page.locator("#disputes details form")
    form.locator("select[name=line]").select_option("3")
    expect(form).to_contain_text("Recorded as acme (user u-acme).")
    form.locator("textarea[name=words]").fill("We count less, in a word that is long: " + "x" * 120)
    form.get_by_role("button", name="Open dispute").click()
    expect(page.locator("#disputes article")).to_have_count(1)
    fits(page)
    host = page_of("operator")
    host.goto(url + OCTOBER)
    answer = host.locator("#disputes article form")
    answer.locator("textarea[name=words]").fill("Three tasks were repeated.")
    answer.locator("input[name=amount]").fill("0.001")
    answer.get_by_role("button", name="Credit").click()
    expect(host.locator("#detail")).to_contain_text("0.001 is not an amount in USD")
    fits(host)
    host.go_back()
    answer.locator("input[name=amount]").fill("1.20")
    answer.get_by_role("button", name="Credit").click()
    expect(host.locator("#disputes")).to_contain_text("credited 1.20 USD by operator anna")


def test_an_operator_reconciles_and_traces(url: str, page_of) -> None:
    page = page_of("operator")
    page.goto(f"{url}{OCTOBER}/reconciliation")
    rows = [f"t{n};{BASE + timedelta(hours=5 * n):%d.%m.%Y %H:%M:%S};p{n % 4};{200 + n}" for n in range(11)]
    rows += [rows[3], "x;05.10.2026 11:00:00;unknown;7"]
    page.locator("select[name=line]").select_option("Tasks")
    page.locator("textarea[name=records]").fill("\n".join(["Vorgang;Zeit;Mitarbeiter;Menge", *rows]))
    page.get_by_role("button", name="Compare").click()
    causes = page.locator("table.causes tbody tr")
    expect(causes).to_have_count(4)
    expect(page.locator("table.differences tbody tr")).to_have_count(3)
    fits(page)
    page.goto(f"{url}{OCTOBER}/lines/3")
    expect(page.locator("main")).to_contain_text("partners/acme.yaml")
    fits(page)
    page.goto(f"{url}/partners/acme/statements/none")
    expect(page.locator("h1")).to_have_text("Not Found")
    fits(page)
