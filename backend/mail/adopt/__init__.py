"""Mail servers that somebody else installed: what is there, and taking it over."""
