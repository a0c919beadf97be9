"""Stories of hands and breakdowns on the way: parcels taken, added and changed, pushers that stick."""
