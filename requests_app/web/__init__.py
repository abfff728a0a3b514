"""Pages of citizens and managers: a view parses, calls one action or one read, renders."""
