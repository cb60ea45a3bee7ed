"""What needs attention, over all features: composed of what each of them tells."""
