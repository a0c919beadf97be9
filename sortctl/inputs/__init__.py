"""Inputs: raw -> facts. Pure. Scanner frames, telegrams, the exchange image. Decides nothing, keeps no parcel."""
