"""admin: the domains, users and aliases of a server in one SQLite file, told to its other containers and to an API."""
