"""Clouds behind one contract: ports, and one folder for each provider."""
