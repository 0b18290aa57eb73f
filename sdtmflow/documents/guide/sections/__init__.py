"""The sections of the guide, as the PHUSE template orders them; the words are our own."""
