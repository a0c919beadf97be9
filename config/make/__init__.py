"""Make: writes the data of the three full-size hubs, `config/lgg`, `config/hkg` and `config/kul`, always the same.

Run it as `.venv/bin/python -m config.make`; it takes some seconds. The site files beside the data are written by hand. Countries, the
shapes of their postcodes, airports and the shapes of waybills are real, check digits are right. Tenants and parcels are invented, drawn
with a fixed seed; a real parcel with one of these numbers is a coincidence. Never here: the demonstration hub, which is small enough to
be written by hand (`config/make/demo.py` makes its list of parcels only).
"""
