"""Site: what is bolted to the floor, typed, checked and frozen; and what follows from it.

Comes in: a folder with site.toml and its tables. Goes out: a `LoadedSite`, or every mistake in it at once. The only room
below the drivers that reads files. Never here: anything that changes while the machine runs.
"""
