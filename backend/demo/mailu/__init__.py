"""A stateful emulator of Mailu's admin application (2024.06): its REST API and its own command, on one model."""
