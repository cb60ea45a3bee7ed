"""Mail: who has a mailbox, and what may each domain have?"""
