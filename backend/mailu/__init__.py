"""What Mailu 2024.06 is made of: its containers, its settings, its files, its API."""
