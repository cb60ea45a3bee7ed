"""The command line: the same wishes and queries as the window, without Qt."""
