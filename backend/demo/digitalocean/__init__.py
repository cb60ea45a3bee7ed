"""A stateful emulator of the DigitalOcean API v2, as a process of its own."""
