"""A stateful emulator of the Linode API v4, as a process of its own."""
