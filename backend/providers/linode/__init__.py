"""Linode, by Akamai (API v4)."""
