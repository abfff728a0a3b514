"""The domain: what a request is, how it moves, who may see it."""
