"""Where zones are served and changed: one port, a driver a host. No store, no feature."""
