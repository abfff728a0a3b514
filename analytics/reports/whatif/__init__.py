"""What a reader asks of a change, the rows it is tried on, and what is said of it."""
