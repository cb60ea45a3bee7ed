"""DigitalOcean (API v2)."""
