"""Exits: what people, the host and the clock do with chutes: locks, lamps, forecasts, bags, purges, waves. For lines and loops alike.

takes    which fact is whose, and what is looked at after each step
locks    who holds a chute closed, and the state that follows
lamps    what the lamp of a chute shows
fills    when a chute will be full
bags     which parcel is in which bag
purge    emptying a chute or a whole sorter
pool     chutes that are given to a destination until they are empty
waves    the balance of a wave
"""
