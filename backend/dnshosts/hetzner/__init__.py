"""Hetzner as a DNS host: its wire, the forms of its record sets, the driver."""
