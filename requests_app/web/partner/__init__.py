"""The page by which a partner outside answers, without an account."""
