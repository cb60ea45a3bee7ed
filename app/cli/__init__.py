"""The command line: the same requests and queries as the window, without Qt."""
