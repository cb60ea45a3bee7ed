"""Client workspaces and which servers they use."""
