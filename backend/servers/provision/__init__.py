"""The job that makes a server and proves it."""
