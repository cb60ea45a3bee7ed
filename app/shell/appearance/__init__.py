"""How the program looks and speaks: theme, style sheet, language, the desktop's preferences."""
