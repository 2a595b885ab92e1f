"""The command line, one module per command.

::

    main            the entry point: runs a command, prints failures, chooses the exit code
    exit_codes      the table of exit codes
    lazy            groups that import a command only when it runs
    command         the class of every command
    clock           the clock of the commands
    options         options with the same meaning for every command
    requirements    reports all missing credentials and keys at once
    server          the only place that connects to Keycloak with credentials
    deployed_secrets  the client secrets that checks of partners may send
    unknown         the errors for unknown commands and options
    workspace       the check that a directory is a workspace
    partners        the partners that a command line names
    reference       makes the reference pages of docs/
    schemas         the published JSON Schemas, by name
    realm/          files and realms: init, validate, plan, apply, drift, import and others
    signin/         handoff, doctor, test-login, status
    usage/          usage report, send, backfill; quality
    store/          store backup, restore, verify, migrate, export and others
    statement/      statement and its disputes; price, reconcile, trace
    audit/          audit list, export, verify
    serve           starts the sidecar; serving_parts builds its parts
    demo            runs the demo

Import the modules directly; the package exports nothing, because each command is imported only when it runs.
"""

__all__ = ()
