"""What moved since last month, and whether lines and models still hold."""
