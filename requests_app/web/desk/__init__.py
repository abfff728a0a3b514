"""Pages of handlers and managers."""
