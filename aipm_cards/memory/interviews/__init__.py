"""Mock interviews: their log, which questions come, and how it went. Apart from the reviews."""
