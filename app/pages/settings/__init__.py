"""Settings: accounts, providers, secrets, appearance, engine, about."""
