"""What happens off the GUI thread: reads, slow openings, and the one crossing back."""
