"""Barriers: what holds cases longest beyond a named baseline, and how sure that order is."""
