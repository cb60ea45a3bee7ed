"""Cloudflare as a DNS host: its wire, the forms of its records, the driver."""
