"""Why work waited: batching, contention, prioritisation, unavailability, and the rest."""
