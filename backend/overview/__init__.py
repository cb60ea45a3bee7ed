"""What needs a person, over all features: composed of what each of them tells."""
