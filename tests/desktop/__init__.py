"""The window on a real desktop: an X server, a session bus, the services that run on them."""
