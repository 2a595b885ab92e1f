"""The realm templates: what every environment shares, and what differs in one."""

from __future__ import annotations

from partnergate.language.keys.partner import VERSION
from partnergate.language.keys.shared_shapes import ENVIRONMENT_NAME, NAME, SENTENCE, URL
from partnergate.language.shape.collections import Either, Key, ListOf, MapOf, Object, Refusal
from partnergate.language.shape.loosening import loosened
from partnergate.language.shape.scalars import Choice, Flag, Shape, Text, Whole

_FROM_PROCESS = Object(
    name="a value of the process",
    description="Taken from the environment of the process that runs",
    keys=(
        Key(
            name="env",
            shape=Text(
                description="The environment variable",
                pattern=r"^[A-Z][A-Z0-9_]{0,120}$",
                form="the name of an environment variable in capitals",
                examples=("PARTNERGATE_SERVER_URL",),
            ),
            required=True,
        ),
        Key(name="default", shape=Text(description="The value where the variable is not set")),
    ),
)


def _given(shape: Shape, description: str) -> Either:
    return Either(scalar=shape, mapping=_FROM_PROCESS, description=description)


def _urls(name: str, description: str) -> Key:
    return Key(name=name, shape=ListOf(item=URL, description=description, may_be_empty=True))


CLIENT = Object(
    name="clients",
    description="A client of the host's product; partner users sign in to these and to nothing else",
    keys=(
        Key(
            name="client_id",
            shape=Text(description="Its id", pattern=r"^\S{1,255}$", form="an id without spaces"),
            required=True,
        ),
        Key(
            name="redirect_uris",
            shape=ListOf(item=URL, description="Exact addresses, no wildcard"),
            required=True,
        ),
        _urls("post_logout_redirect_uris", "Exact addresses, no wildcard"),
        Key(
            name="web_origins",
            shape=ListOf(
                item=Text(description="Scheme, host and port", examples=("https://app.host.example",)),
                description="Exact origins that browsers may call from",
                may_be_empty=True,
            ),
        ),
        Key(
            name="public",
            shape=Flag(description="Without a secret of its own; PKCE S256 is always on"),
            default=True,
        ),
        Key(name="home_url", shape=URL, note="Where the product starts"),
        Key(name="backchannel_logout_url", shape=URL, note="Where Keycloak reports ended sessions"),
        Key(
            name="session_check",
            shape=Flag(description="For the launch service: answers whose session is live, never signs in"),
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
                description="Its name",
                pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,254}$",
                form="a role's name",
                examples=("workspace-admin",),
            ),
            required=True,
        ),
        Key(name="description", shape=SENTENCE),
    ),
)
_GROUP = Object(
    name="groups",
    description="A group that partner files may place users in",
    keys=(
        Key(
            name="path",
            shape=Text(
                description="Its path", pattern=r"^(/[^/\s][^/]*)+$", form="a group's path, like /partners"
            ),
            required=True,
        ),
    ),
)
_EVENTS = Object(
    name="events",
    description="What Keycloak stores, and for how long",
    keys=(
        Key(
            name="retention_days",
            shape=Whole(most=36500, description="How long events are kept; 0 for ever"),
            default=90,
        ),
        Key(
            name="extra_event_types",
            shape=ListOf(
                item=Text(
                    description="An event type",
                    pattern=r"^[A-Z][A-Z0-9_]{1,60}$",
                    form="an event type in capitals",
                    examples=("UPDATE_PROFILE",),
                ),
                description="Event types beside those that the product needs",
                may_be_empty=True,
            ),
        ),
    ),
)
_NETWORK = Object(
    name="network",
    description="Which partner addresses this environment accepts",
    keys=(
        Key(
            name="allow_loopback_http",
            shape=Flag(description="Only for a realm on the same machine: plain http to loopback"),
            default=False,
        ),
    ),
)
_LAUNCH = Object(
    name="launch",
    description="The launch service: what a partner's button opens, and where it may send a user",
    keys=(
        Key(name="base_url", shape=_given(URL, ""), required=True, note="Where browsers reach the sidecar"),
        Key(
            name="client_id",
            shape=Text(description="The client that looks whose session is live; made by itself"),
            default="partnergate-launch",
        ),
        Key(
            name="login_url",
            shape=_given(URL, ""),
            required=True,
            note="Where the host's product starts a login",
        ),
        Key(
            name="targets",
            shape=ListOf(
                item=URL, description="Prefixes of addresses that a launch may lead to", may_be_empty=True
            ),
        ),
    ),
)
_MANAGED = Refusal(
    code="PG407",
    message="this realm setting is always the secure one",
    hint="delete the key; the documentation of the realm templates lists what can be set",
)


def _seconds(name: str, description: str, most: int) -> Key:
    return Key(name=name, shape=Whole(least=1, most=most, description=description + ", in seconds"))


_SETTINGS = Object(
    name="settings",
    description="Realm settings that are the host's choice, as Keycloak names them",
    keys=(
        Key(name="displayName", shape=NAME, note="The realm's name on its pages"),
        Key(name="loginTheme", shape=NAME, note="The theme of the pages that Keycloak shows"),
        Key(name="emailTheme", shape=NAME, note="The theme of mails"),
        Key(name="internationalizationEnabled", shape=Flag(description="Pages in several languages")),
        Key(name="supportedLocales", shape=ListOf(item=NAME, description="Languages of pages")),
        Key(name="defaultLocale", shape=NAME, note="The language where the browser names none"),
        _seconds("accessTokenLifespan", "Life of an access token", 3600),
        _seconds("accessCodeLifespan", "Time to redeem a code", 600),
        _seconds("accessCodeLifespanLogin", "Time to finish a login", 3600),
        _seconds("ssoSessionIdleTimeout", "A session ends after this idle time", 30 * 86400),
        _seconds("ssoSessionMaxLifespan", "A session ends after this time", 30 * 86400),
        _seconds("clientSessionIdleTimeout", "A client's session ends after this idle time", 30 * 86400),
        _seconds("clientSessionMaxLifespan", "A client's session ends after this time", 30 * 86400),
        _seconds("offlineSessionIdleTimeout", "An offline session ends after this idle time", 90 * 86400),
        _seconds("offlineSessionMaxLifespan", "An offline session ends after this time", 365 * 86400),
        Key(name="failureFactor", shape=Whole(least=1, most=30, description="Failed logins before a wait")),
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
    name="environment", shape=ENVIRONMENT_NAME, required=True, note="The environment; the name of the file"
)
REALM_TEMPLATE = Object(
    name="the realm template",
    description="One environment of the host: `base.yaml` with the environment's own file laid over it",
    keys=(
        VERSION,
        ENVIRONMENT,
        Key(name="server_url", shape=_given(URL, ""), required=True, note="Where Keycloak is reached"),
        Key(
            name="realm",
            shape=_given(
                Text(
                    pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$",
                    form="a realm's name: letters, digits, dash and underscore",
                    examples=("host",),
                ),
                "",
            ),
            required=True,
            note="The realm; one for each environment, never master",
        ),
        Key(
            name="stages",
            shape=ListOf(
                item=Choice(words=("draft", "staging", "live"), description="A stage"),
                description="The partner stages deployed here; suspended and retired follow the partner",
            ),
            required=True,
        ),
        Key(
            name="variables",
            shape=MapOf(
                key=Text(
                    description="A name",
                    pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$",
                    form="a variable's name: letters, digits and underscore",
                ),
                value=_given(Text(description="The value"), "The value"),
                description="Usable as `${name}` here and in what partner files say for this environment",
            ),
        ),
        Key(name="network", shape=_NETWORK),
        Key(name="clients", shape=ListOf(item=CLIENT, description="The host's clients"), required=True),
        Key(
            name="roles",
            shape=ListOf(item=_ROLE, description="What partner files may grant", may_be_empty=True),
        ),
        Key(
            name="groups",
            shape=ListOf(item=_GROUP, description="Where partner files may place users", may_be_empty=True),
        ),
        Key(name="events", shape=_EVENTS),
        Key(name="launch", shape=_LAUNCH),
        Key(name="settings", shape=_SETTINGS),
    ),
)
TEMPLATE_PART: Object = loosened(
    REALM_TEMPLATE, keep=frozenset({"partnergate", "client_id", "name", "path", "env"})
)
