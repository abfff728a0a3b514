"""One read a screen: what is shown, to whom, in few statements. Values come back, not querysets."""
