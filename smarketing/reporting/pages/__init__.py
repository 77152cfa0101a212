"""The pages: monthly, weekly, and the index of both."""
