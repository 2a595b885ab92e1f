"""Partner identity broker as configuration-as-code on Keycloak, with attributed usage and statements.

From files to the realm:

- ``model``: values without behavior of their own
- ``language``: partner files and realm templates to values, with diagnostics
- ``realm``: the desired state of a realm
- ``planning``, ``applying``: the plan, and how it is applied
- ``keycloak``: the adapter for Keycloak

Sign-in:

- ``signin``: decisions about launch, hand-off and onboarding
- ``doctor``: checks from outside
- ``login``: the headless login

From events to statements:

- ``events``, ``attribution``: login events, and the partner of each session and usage event
- ``metering``, ``pricing``, ``statements``: quantities, amounts, statements
- ``audit``: who did what and when, as a chain
- ``store``: the adapter for the database
- ``client``: sends usage events from a host's product

For people and processes:

- ``cli``: the commands
- ``service``: the sidecar
- ``rendering``: text, HTML, CSV, JSON and PDF
- ``playground``, ``devstack``: the demo, and real servers for it

``canonical_json``, ``strict_json``, ``safe_text``, ``type_schema``, ``diagnostics``, ``errors``, ``wording``,
``private_files``, ``confined_files`` and ``process_tuning`` are modules that several packages use.
``docs/architecture.md`` shows which package may import which.
"""

__version__ = "0.1.0"

__all__ = ("__version__",)
