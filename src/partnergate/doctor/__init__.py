"""Checks from outside what a login needs, before anyone tries it.

Each check looks at one thing and answers with a ``Finding``; none changes anything. Requests to
partner URLs go through ``fetching`` alone, which refuses private addresses and redirects.
"""
