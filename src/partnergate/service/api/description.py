"""Completes the OpenAPI document: the tokens of each route, and the statuses that any route can have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnergate.service.access import Need, declared_routes
from partnergate.service.problems import documented

if TYPE_CHECKING:
    from fastapi import FastAPI

_ALL: Final = {
    "s421": "The service does not respond to the host name of the request.",
    "s500": "The store rejected a call, or the service has an error; the log contains the reason.",
    "s503": "The service is busy, or a service that it needs is not available.",
}
_SERVER: Final = {
    "408": "The request did not arrive in time.",
    "431": "The head of the request is too large.",
}
"""Responses of the server without a body."""
_TOKEN: Final = {
    "s401": "The token is missing or not valid.",
    "s429": "Too many requests of this client without a valid token.",
}
_SCHEME: Final = "realm_token"
_WAIT: Final = {"Retry-After": {"schema": {"type": "integer"}}}
_WAITING: Final = ("429", "503")


def describe(app: FastAPI) -> None:
    """Complete the document of ``GET /openapi.json``, whose routes declare only their own responses."""
    generated = app.openapi

    def complete() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = generated()
            for route in declared_routes(app):
                for method in route.methods:
                    operation = document["paths"].get(route.path, {}).get(method.lower())
                    if operation is not None:
                        _complete(operation, route.needs[0])
            components = document.setdefault("components", {})
            components["securitySchemes"] = {_SCHEME: {"type": "http", "scheme": "bearer"}}
            _remove_unused_schemas(components)
        return app.openapi_schema or {}

    app.openapi = complete  # type: ignore[method-assign]


def _complete(operation: dict[str, Any], need: Need) -> None:
    responses = operation["responses"]
    if "HTTPValidationError" in str(responses.get("422")):
        del responses["422"]  # added by the framework; routes that can have it document it as a problem
    added = _ALL if need is Need.PUBLIC else _ALL | _TOKEN
    for status, response in documented(**added).items():
        responses.setdefault(str(status), response)
    for status, reason in _SERVER.items():
        responses.setdefault(status, {"description": reason})
    for status in _WAITING:
        if status in responses:
            responses[status].setdefault("headers", _WAIT)
    if need is not Need.PUBLIC:
        operation["security"] = [{_SCHEME: []}]


def _remove_unused_schemas(components: dict[str, Any]) -> None:
    for name in ("HTTPValidationError", "ValidationError"):
        components.get("schemas", {}).pop(name, None)
    if not components.get("schemas"):
        components.pop("schemas", None)
