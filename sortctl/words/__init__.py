"""Words: the vocabulary. Facts, orders, outcomes, causes, units, ids, and the layout of the exchange.

Imports nothing of the house. One word for one thing:

passage     one ride of one parcel: induct to final outcome; has a number that is never used twice
read        the codes of one scanner frame; orphan read: fits no parcel
decision    chosen chute + rule + reason; open until the chute's point of no return
point of no return   last belt position where a decision can change
divert      leaving the sorter at a chute; divert lead: from output to pusher contact
eye         photo-eye; check-point: an eye on the sorter that confirms position; chute eye: the eye in an exit
tracking window      where an item may be when it is still the one we think
fact / order / outcome    what happened / what the machine is told / what was concluded
epoch, lease         the PLC's permission to give orders, and how long it lasts
"""
