"""Workspaces: who are our clients, and which servers do they use?"""
