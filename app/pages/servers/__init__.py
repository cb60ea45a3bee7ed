"""Servers: how is each machine?"""
