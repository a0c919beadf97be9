"""Hub: what people, the host and the clock on the wall mean for the parcels on the sorters.

takes      which fact of the hub changes what is known, before the sorters hear of it
data       what is known of a parcel, by question and answer
clearance  hold, customs, selection, intercept: may it go on, and into which zones
cutoff     which departure it takes, how much time is left, who is at risk
room       least slack first: who gives its place in a chute to one that is in a greater hurry
swap       another sort plan between two parcels
shut       chutes that are closed by order, whoever wants it
recall     a hold that comes too late: the chute is closed until a person has taken the parcel out
"""
