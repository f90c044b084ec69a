"""What FSRS learns from a history: parameters of a learner's own, and whether they predict better."""
