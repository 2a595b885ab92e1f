"""The commands on files and realms, one module per command.

::

    init validate schema explain partner/       the workspace and its files
    plan apply drift import_ comment            the realm
    access            files, connection, secrets and keys of one environment
    early_reading     reads the realm while the files load
    apply_run         carries out one apply
    apply_report      the result of an apply as text
    applied_users     signs out and removes users after an apply
    import_repair     makes imported files valid
    import_notes      the notes about an imported file
    progress_bar      the progress of an apply
    retiring          keeps the provider of a retired partner while it is billed
    side_by_side      examines many files in several processes; examined_json is their pipe
    sticky_comment    one comment per pull or merge request

Import the modules directly; the package exports nothing, because each command is imported only when it runs.
"""

__all__ = ()
