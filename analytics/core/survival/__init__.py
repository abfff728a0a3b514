"""How long things take when some of them have not ended: curves, quantiles and means that count the open ones."""
