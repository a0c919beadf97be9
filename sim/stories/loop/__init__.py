"""Stories of loops: laps, carriers, loads that are not what is booked."""
