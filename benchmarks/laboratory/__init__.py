"""A made-up laboratory dataset with mistakes in one of a hundred values, and what is expected."""
