"""A stateful emulator of the Vultr API v2, as a process of its own."""
