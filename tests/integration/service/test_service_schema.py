"""Generated requests against a running service: no server error, and no response that is not documented."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from builders.events import REALM
from builders.usage import NOW, every_meter, prepared
from fakes.named_tokens import NamedTokens, principal
from partnergate.language.load import load_workspace
from partnergate.service.access import Authorizer
from partnergate.service.api.ingest import IngestQueue
from partnergate.service.app import create_app
from partnergate.service.deps import ServiceDeps
from partnergate.service.launch.routes import launch_routes
from partnergate.service.launch.session_check import session_check
from partnergate.service.launch.steps import LaunchService
from partnergate.service.rate_limits import RateLimit
from partnergate.signin.launch_state import StateKey
from partnergate.store import open_store
from worlds.served_app import served_app
from worlds.service_process import WORKSPACE

EXAMPLES = 60
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    ignored_auth,
]
ROLES = principal("partnergate-operator", "usage-writer", "metrics-reader")
FULL = {"Authorization": "Bearer full"}


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    workspace, _ = load_workspace(WORKSPACE, "staging", variables={})
    launch = LaunchService(
        realm=workspace.realm,
        settings=workspace.realm.launch,
        partners=lambda: workspace.partners,
        check=session_check(workspace.realm, workspace.realm.launch, lambda: NOW),
        key=StateKey(value=b"k" * 32),
        clock=lambda: NOW,
        record=lambda *_: None,
    )
    folder = tmp_path_factory.mktemp("schema")
    with open_store(f"sqlite:///{folder}/store.db") as store:
        usage = prepared(store, terms=every_meter())
        deps = ServiceDeps(
            realm=REALM,
            environment="staging",
            store=store,
            usage=usage,
            queue=IngestQueue(ledger=usage, realm=REALM, clock=lambda: NOW),
            authorizer=Authorizer(
                verifier=NamedTokens({"full": ROLES}), refusals=RateLimit(per_second=1, burst=100_000)
            ),
            clock=lambda: NOW,
            public_routers=(launch_routes(launch),),
        )
        with served_app(create_app(deps)) as port:
            yield schemathesis.openapi.from_url(f"http://127.0.0.1:{port}/openapi.json")


def requests_to(api, examples, check):
    """Call ``check`` with generated requests to every operation; the same ones in every run."""
    operations = [found.ok() for found in api.get_all_operations()]
    for operation in operations:

        @settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(
            case=st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)),
            known=st.booleans(),
        )
        def generated(case, known):
            if known and "partner" in (case.path_parameters or {}):
                case.path_parameters["partner"] = "acme"  # no generated name is that of a partner
            check(case)

        generated()
    return [operation.label for operation in operations]


def test_every_response_is_documented_and_none_is_a_server_error(api):
    found = requests_to(
        api,
        EXAMPLES,
        lambda case: case.call_and_validate(headers=FULL, checks=CHECKS, allow_redirects=False),
    )
    assert len(found) == 11


def test_a_request_without_a_token_has_a_documented_response(api):
    def check(case):
        case.call_and_validate(headers={}, checks=CHECKS[:-1], allow_redirects=False)

    requests_to(api, 5, check)
