"""What happens, in order: each flow reads like a table of contents."""
