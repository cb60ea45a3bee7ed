"""Vultr as a DNS host: the forms of its records, the driver; its wire is that of its cloud."""
