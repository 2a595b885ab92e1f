"""The keys of a realm template: ``base.yaml`` and the file of one environment."""

from __future__ import annotations

from partnergate.language.keys.partner import VERSION
from partnergate.language.keys.shared_shapes import ENVIRONMENT_NAME, NAME, SENTENCE, URL
from partnergate.language.shape.collections import Either, Key, KnownMistake, ListOf, MapOf, Object
from partnergate.language.shape.loosening import loosened
from partnergate.language.shape.scalars import Choice, Flag, Shape, Text, Whole

_FROM_PROCESS = Object(
    name="an environment variable",
    description="Value of an environment variable of the process that runs partnergate",
    keys=(
        Key(
            name="env",
            shape=Text(
                description="Environment variable for templates; no plan or message shows its value",
                pattern=r"^PARTNERGATE_VAR_[A-Z0-9_]{1,100}$",
                form="an environment variable for templates: PARTNERGATE_VAR_ and capital letters",
                code="PG416",
                examples=("PARTNERGATE_VAR_SERVER_URL",),
            ),
            required=True,
        ),
        Key(name="default", shape=Text(description="Value if the variable is not set")),
    ),
)


def _given(shape: Shape, description: str) -> Either:
    return Either(scalar=shape, mapping=_FROM_PROCESS, description=description)


def _urls(name: str, description: str) -> Key:
    return Key(name=name, shape=ListOf(item=URL, description=description, may_be_empty=True))


CLIENT = Object(
    name="clients",
    description="A client of the host's product; users of partners can sign in to these clients only",
    keys=(
        Key(
            name="client_id",
            shape=Text(description="Client ID", pattern=r"^\S{1,255}$", form="an ID without spaces"),
            required=True,
        ),
        Key(
            name="redirect_uris",
            shape=ListOf(item=URL, description="Exact URLs without wildcards"),
            required=True,
        ),
        _urls("post_logout_redirect_uris", "Exact URLs without wildcards"),
        Key(
            name="web_origins",
            shape=ListOf(
                item=Text(description="Scheme, host, and port", examples=("https://app.host.example",)),
                description="Exact origins that browsers may send requests from",
                may_be_empty=True,
            ),
        ),
        Key(
            name="public",
            shape=Flag(description="Whether the client has no secret; PKCE S256 is always required"),
            default=True,
        ),
        Key(name="home_url", shape=URL, note="Start page of the product"),
        Key(name="backchannel_logout_url", shape=URL, note="URL that Keycloak notifies about ended sessions"),
        Key(
            name="session_check",
            shape=Flag(
                description="For the launch service: checks for a live session and never signs a user in"
            ),
            default=False,
        ),
    ),
)
_ROLE = Object(
    name="roles",
    description="A realm role that partner files may grant",
    keys=(
        Key(
            name="name",
            shape=Text(
                description="Role name",
                pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,254}$",
                form="a role name",
                examples=("workspace-admin",),
            ),
            required=True,
        ),
        Key(name="description", shape=SENTENCE),
    ),
)
_GROUP = Object(
    name="groups",
    description="A group that partner files may add users to",
    keys=(
        Key(
            name="path",
            shape=Text(
                description="Group path", pattern=r"^(/[^/\s][^/]*)+$", form="a group path, like /partners"
            ),
            required=True,
        ),
    ),
)
_EVENTS = Object(
    name="events",
    description="Event storage in Keycloak",
    keys=(
        Key(
            name="retention_days",
            shape=Whole(most=36500, description="Days to keep events; 0 keeps them forever"),
            default=90,
        ),
        Key(
            name="extra_event_types",
            shape=ListOf(
                item=Text(
                    description="An event type",
                    pattern=r"^[A-Z][A-Z0-9_]{1,60}$",
                    form="an event type in capital letters",
                    examples=("UPDATE_PROFILE",),
                ),
                description="Event types in addition to the ones that partnergate needs",
                may_be_empty=True,
            ),
        ),
    ),
)
_NETWORK = Object(
    name="network",
    description="Which partner URLs this environment accepts",
    keys=(
        Key(
            name="allow_loopback_http",
            shape=Flag(
                description="Accept plain HTTP for loopback URLs; only for a realm on the same machine"
            ),
            default=False,
        ),
    ),
)
_LAUNCH = Object(
    name="launch",
    description="Launch service: what a partner's launch button opens and where it may redirect",
    keys=(
        Key(name="base_url", shape=_given(URL, ""), required=True, note="Public URL of the sidecar"),
        Key(
            name="client_id",
            shape=Text(description="Client that checks for a live session; created automatically"),
            default="partnergate-launch",
        ),
        Key(
            name="login_url",
            shape=_given(URL, ""),
            required=True,
            note="URL at which the host's product starts a login",
        ),
        Key(
            name="targets",
            shape=ListOf(
                item=URL, description="URL prefixes that a launch may redirect to", may_be_empty=True
            ),
        ),
    ),
)
_MANAGED = KnownMistake(
    code="PG407",
    message="this realm setting always has its secure value",
    hint="delete the key; the language reference lists the settings that can change",
)


def _seconds(name: str, description: str, most: int) -> Key:
    return Key(name=name, shape=Whole(least=1, most=most, description=description + ", in seconds"))


_SETTINGS = Object(
    name="settings",
    description="Realm settings that the host can choose, with Keycloak's names",
    keys=(
        Key(name="displayName", shape=NAME, note="Name of the realm on its pages"),
        Key(name="loginTheme", shape=NAME, note="Theme of the Keycloak pages"),
        Key(name="emailTheme", shape=NAME, note="Theme of emails"),
        Key(name="internationalizationEnabled", shape=Flag(description="Whether pages are translated")),
        Key(name="supportedLocales", shape=ListOf(item=NAME, description="Languages of the pages")),
        Key(name="defaultLocale", shape=NAME, note="Language if the browser requests none"),
        _seconds("accessTokenLifespan", "Lifetime of an access token", 3600),
        _seconds("accessCodeLifespan", "Time to redeem an authorization code", 600),
        _seconds("accessCodeLifespanLogin", "Time to complete a login", 3600),
        _seconds("ssoSessionIdleTimeout", "Idle time after which a session ends", 30 * 86400),
        _seconds("ssoSessionMaxLifespan", "Time after which a session ends", 30 * 86400),
        _seconds("clientSessionIdleTimeout", "Idle time after which a client session ends", 30 * 86400),
        _seconds("clientSessionMaxLifespan", "Time after which a client session ends", 30 * 86400),
        _seconds("offlineSessionIdleTimeout", "Idle time after which an offline session ends", 90 * 86400),
        _seconds("offlineSessionMaxLifespan", "Time after which an offline session ends", 365 * 86400),
        Key(name="failureFactor", shape=Whole(least=1, most=30, description="Failed logins before a delay")),
    ),
    refused=tuple(
        (name, _MANAGED)
        for name in (
            "bruteForceProtected",
            "duplicateEmailsAllowed",
            "editUsernameAllowed",
            "enabled",
            "loginWithEmailAllowed",
            "offlineSessionMaxLifespanEnabled",
            "organizationsEnabled",
            "permanentLockout",
            "refreshTokenMaxReuse",
            "registrationAllowed",
            "registrationEmailAsUsername",
            "rememberMe",
            "resetPasswordAllowed",
            "revokeRefreshToken",
            "sslRequired",
            "verifyEmail",
            "browserFlow",
            "eventsEnabled",
            "adminEventsEnabled",
        )
    ),
)
ENVIRONMENT = Key(
    name="environment",
    shape=ENVIRONMENT_NAME,
    required=True,
    note="Name of the environment, same as the file name",
)
REALM_TEMPLATE = Object(
    name="the realm template",
    description="One environment of the host: `base.yaml` merged with the file of the environment",
    keys=(
        VERSION,
        ENVIRONMENT,
        Key(name="server_url", shape=_given(URL, ""), required=True, note="URL of the Keycloak server"),
        Key(
            name="realm",
            shape=_given(
                Text(
                    pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$",
                    form="a realm name: letters, digits, dashes, and underscores",
                    examples=("host",),
                ),
                "",
            ),
            required=True,
            note="Name of the realm; different for each environment, never master",
        ),
        Key(
            name="stages",
            shape=ListOf(
                item=Choice(words=("draft", "staging", "live"), description="A stage"),
                description="Partner stages that are deployed here; suspended and retired partners stay",
            ),
            required=True,
        ),
        Key(
            name="variables",
            shape=MapOf(
                key=Text(
                    description="A name",
                    pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$",
                    form="a variable name: letters, digits, and underscores",
                ),
                value=_given(Text(description="Value"), "Value"),
                description="Variables for `${name}` here and in partner overrides of this environment",
            ),
        ),
        Key(name="network", shape=_NETWORK),
        Key(name="clients", shape=ListOf(item=CLIENT, description="Clients of the host"), required=True),
        Key(
            name="roles",
            shape=ListOf(item=_ROLE, description="Roles that partner files may grant", may_be_empty=True),
        ),
        Key(
            name="groups",
            shape=ListOf(
                item=_GROUP, description="Groups that partner files may add users to", may_be_empty=True
            ),
        ),
        Key(name="events", shape=_EVENTS),
        Key(name="launch", shape=_LAUNCH),
        Key(name="settings", shape=_SETTINGS),
    ),
)
TEMPLATE_PART: Object = loosened(
    REALM_TEMPLATE, keep=frozenset({"partnergate", "client_id", "name", "path", "env"})
)
