"""Stories of the hub: customs, intercepts, departures, plans, bags, hosts that are silent."""
