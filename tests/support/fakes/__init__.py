"""In-memory stand-ins for our ports, with real behavior; each shares a contract suite with the real one."""
