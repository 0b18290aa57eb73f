"""Raw rows → the records of a domain, their columns and their numbers."""
