"""What a change might do, by two models: replay of the history, and a simulated queue. Neither is a promise."""
