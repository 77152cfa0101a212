"""Which campaigns brought the revenue: journeys, and six ways of sharing it out."""
