"""Two states of one table side by side: records paired by key, and every cell that differs."""
