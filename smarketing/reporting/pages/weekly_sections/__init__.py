"""The sections of the weekly page, in the order the meeting works through them."""
