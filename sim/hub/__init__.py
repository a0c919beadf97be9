"""Hub: the truth beyond the machines: what people, customs and the host said while parcels moved, and what it must lead to.

calls      what they say and do during a run, as data of a story; what was done, and when
staging    a site's files as a story needs them: zones, records, departures, bags
sites      further files: bags with limits, labels that say where, lots, a clock that is set
words      what a host or a label says of a parcel
truth      what held of a parcel at a moment: its record, the plan, the clock on the wall, who could hear of it
judges     one rule each, of what truly happened and what was said of it
pools      more destinations than chutes: who lay together
happened   how often what a story is about truly took place
"""
