"""The answer a report opens with: which barriers there are, how long, and how sure that is."""
