"""A throw-away PostgreSQL from the distribution's own binaries, for the suites that run on both databases."""
