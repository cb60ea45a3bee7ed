"""Hostwinds (Cloud API)."""
