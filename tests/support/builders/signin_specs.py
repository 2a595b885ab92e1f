"""Builders with readable defaults for the tests of this folder."""

from pathlib import PurePosixPath

from partnergate.model.environment import LaunchSettings, RealmSpec
from partnergate.model.partner import (
    Alias,
    EnvironmentName,
    Identity,
    OidcSignIn,
    PartnerId,
    PartnerSpec,
    ProviderSpec,
    SamlSignIn,
    SourceFile,
    Stage,
)

SOURCE = SourceFile(path=PurePosixPath("partners/acme.yaml"), sha256="0" * 64)
SETTINGS = LaunchSettings(
    base_url="https://go.host.example",
    client_id="partnergate-launch",
    login_url="https://app.host.example/login",
    targets=("https://app.host.example/workspaces",),
)


def realm(**changes):
    values = {
        "environment": EnvironmentName("production"),
        "server_url": "https://id.host.example/",
        "realm": "host",
        "stages": (Stage.LIVE,),
        "source": SOURCE,
        "launch": SETTINGS,
    }
    return RealmSpec(**(values | changes))


def oidc(alias="acme", **changes):
    issuer = f"https://login.{alias}.example"
    sign_in = {
        "issuer": issuer,
        "authorization_url": f"{issuer}/authorize",
        "token_url": f"{issuer}/token",
        "jwks_url": f"{issuer}/jwks",
        "client_id": "host-app",
        "client_secret": None,
    }
    identity = changes.pop("identity", Identity(subject="sub"))
    return ProviderSpec(alias=Alias(alias), sign_in=OidcSignIn(**(sign_in | changes)), identity=identity)


def saml(alias="globex", **changes):
    sign_in = {"entity_id": f"https://idp.{alias}.example", "sso_url": f"https://idp.{alias}.example/sso"}
    identity = changes.pop("identity", Identity(subject="name_id"))
    return ProviderSpec(alias=Alias(alias), sign_in=SamlSignIn(**(sign_in | changes)), identity=identity)


def partner(name="acme", **changes):
    values = {
        "partner": PartnerId(name),
        "name": name.title(),
        "stage": Stage.LIVE,
        "environment": EnvironmentName("production"),
        "source": SOURCE,
        "providers": (oidc(name),),
    }
    return PartnerSpec(**(values | changes))
