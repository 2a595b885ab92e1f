"""A host realm whose partner is another realm of the same server, and a service account that reads events."""

from contextlib import contextmanager
from dataclasses import dataclass

from builders.events import APP
from partnergate.keycloak.connection import KeycloakConnection, connect
from partnergate.keycloak.credentials import ServiceAccount
from partnergate.login.browser import Credentials
from partnergate.login.http_login import HostApplication, log_in
from partnergate.playground.partner_idp import IdpUser, PartnerIdp, make_partner_realm

READER, SECRET = "event-reader", "only-for-this-test"
CALLBACK = "http://localhost:9/callback"
PEOPLE = (
    IdpUser(username="ann", password="p", email="ann@acme.test", first_name="Ann", last_name="Doe"),
    IdpUser(username="bob", password="p", email="bob@elsewhere.test", first_name="4711", last_name="Doe"),
)


@dataclass
class BrokeredRealm:
    admin: KeycloakConnection

    @property
    def realm(self):
        return self.admin.realm

    def log_in(self, who="ann", times=1):
        """Session ids of ``times`` brokered logins, each with a new browser."""
        app = HostApplication(
            base_url=self.admin.server_url, realm=self.realm, client_id=APP, redirect_uri=CALLBACK
        )
        credentials = Credentials(username=who, password="p")
        return [log_in(app, alias="acme", credentials=credentials).session_id for _ in range(times)]

    def reader(self, server_url=""):
        account = ServiceAccount(client_id=READER, client_secret=SECRET)
        return connect(server_url=server_url or self.admin.server_url, realm=self.realm, credentials=account)

    def keep_events(self, *, on):
        self.admin.put("events/config", self.admin.get("events/config") | {"eventsEnabled": on})

    def take_away(self, role):
        user = self.admin.get("users", username=f"service-account-{READER}")[0]["id"]
        client = self.admin.get("clients", clientId="realm-management")[0]["id"]
        path = f"users/{user}/role-mappings/clients/{client}"
        self.admin.delete(path, [r for r in self.admin.get(path) if r["name"] == role])


@contextmanager
def brokered_realm(admin):
    server, realm = admin.server_url, admin.realm
    idp = f"{realm}-idp"
    broker = f"{server}/realms/{realm}/broker/acme/endpoint"
    at = f"{server}/realms/{idp}/protocol/openid-connect"
    make_partner_realm(admin, PartnerIdp(realm=idp, users=PEOPLE))
    admin.post(
        f"/admin/realms/{idp}/clients", {"clientId": "host", "secret": SECRET, "redirectUris": [broker]}
    )
    roles = {"realm-management": ["view-events", "view-users"]}
    admin.post("/admin/realms", {
        "realm": realm, "enabled": True, "eventsEnabled": True, "eventsExpiration": 86_400,
        "users": [{"username": f"service-account-{READER}", "enabled": True, "serviceAccountClientId": READER,
                   "clientRoles": roles}],
        "clients": [
            {"clientId": APP, "publicClient": True, "redirectUris": [CALLBACK]},
            {"clientId": READER, "secret": SECRET, "serviceAccountsEnabled": True, "standardFlowEnabled": False},
        ],
        "identityProviders": [{
            "alias": "acme", "providerId": "oidc", "enabled": True, "trustEmail": True,
            "config": {"clientId": "host", "clientSecret": SECRET, "clientAuthMethod": "client_secret_post",
                       "authorizationUrl": f"{at}/auth", "tokenUrl": f"{at}/token", "jwksUrl": f"{at}/certs",
                       "issuer": f"{server}/realms/{idp}", "useJwksUrl": "true", "validateSignature": "true",
                       "defaultScope": "openid profile email", "pkceEnabled": "true", "pkceMethod": "S256"},
        }],
    })  # fmt: skip
    try:
        yield BrokeredRealm(admin)
    finally:
        admin.delete("")
        admin.delete(f"/admin/realms/{idp}")
