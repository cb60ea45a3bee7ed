"""Addresses, firewall, reverse DNS and traffic of a server."""
