"""Charts on pyqtgraph, with our own curve, grid and time axis; imported only after the first paint."""
