"""Settings: accounts, workspaces, secrets, appearance, engine, about."""
