"""What the files of a mail server say: when somebody changes them by hand, that is named by itself."""
