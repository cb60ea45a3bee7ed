"""What can be done with a server itself: power, resize, destroy, start and stop managing it."""
