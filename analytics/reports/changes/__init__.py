"""Did it help: the register of changes, what could be seen before one, and what was seen after."""
