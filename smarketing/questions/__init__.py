"""What can be asked of an open workspace; each function here is a method of ``Workspace``."""
