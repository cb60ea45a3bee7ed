"""Servers of the world around the hosts: DNS from its root on, a certificate authority, a registry, mail of others."""
