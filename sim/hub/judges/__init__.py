"""Judges: one rule of the hub each, of where parcels truly lie, what was done, and what was said of it.

cleared    parcels without a release, held or intercepted: where they may lie
timely     parcels and their departures
bag_lists  what lay in a bag
bag_room   chutes whose bag is full or missing
spread     how evenly groups of chutes were used
purges     who came onto a sorter, or into a chute, that was being emptied
waves      the balances of waves
lots       who was drawn for inspection
"""
