"""Vultr (API v2)."""
