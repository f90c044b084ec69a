"""Too many reviews: which of them move to which day, at the least harm to memory."""
