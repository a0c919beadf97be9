"""Hub: the truth beyond the machines: what people, customs and the host said while parcels moved, and what it must lead to.

calls      what they say and do during a run, as data of a story; what was done, and when
staging    a site's files as a story needs them: zones, records, departures, bags
truth      what held of a parcel at a moment: its record, the plan, the clock on the wall, who could hear of it
cleared    parcels without a release, held or intercepted: where they may lie
timely     parcels and their departures
bag_lists  what lay in a bag
pools      more destinations than chutes: who lay together
spread     how evenly groups of chutes were used
happened   how often what a story is about truly took place
"""
