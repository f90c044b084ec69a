"""What a history says of its learner: numbers with how sure they are. Nothing is drawn here."""
