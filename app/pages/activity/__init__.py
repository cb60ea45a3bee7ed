"""Activity: what is the program doing, and why?"""
