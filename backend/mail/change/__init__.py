"""A mail server that runs: other settings, stop and start, another token of its API, another password of
its administrator.
"""
