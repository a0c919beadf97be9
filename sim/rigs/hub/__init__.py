"""Hub: what is beyond the machines, on the wire: parcel data, and what people say and do."""
