"""Documents for people outside the program: one value, printed as PDF and written as a page that opens offline."""
