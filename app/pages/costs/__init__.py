"""Costs: what do we spend, and what is paid for that nobody uses?"""
