"""What each team says of the other, tested."""
