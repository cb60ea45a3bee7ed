"""Domains in the DNS: the records that mail needs, the plan that brings them there, and the way back."""
