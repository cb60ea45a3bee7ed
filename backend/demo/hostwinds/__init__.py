"""A stateful emulator of the Hostwinds Cloud API, as a process of its own."""
