"""What each side promised of the hand-over, and what came."""
