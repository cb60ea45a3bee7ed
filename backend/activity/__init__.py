"""What jobs tell a person of themselves, and for how long it is known."""
