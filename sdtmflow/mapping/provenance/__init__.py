"""What each record and value was made from, kept beside the datasets."""
