"""A made-up study of vital signs: its tables, and its mapping in plain pandas."""
