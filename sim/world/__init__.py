"""The world: the truth. A belt with slip, parcels with length, photo-eyes with bounce, pushers, chutes that fill. Pure."""
