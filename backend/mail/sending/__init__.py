"""How mail leaves a server: directly, or through a smart host that was tried first."""
