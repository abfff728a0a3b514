"""The composition root: settings, addresses, servers, checks, the job schedule. Nothing imports it."""
