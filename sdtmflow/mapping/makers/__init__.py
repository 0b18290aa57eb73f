"""Records made of other records: comments (CO), exposure from collected doses (EX), RELREC."""
