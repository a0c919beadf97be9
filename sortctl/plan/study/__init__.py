"""Study: what people ask about a plan before and after it is in force: why, what is wrong, what changes, what would happen.

Pure. Comes in: plans, parcels. Goes out: answers as plain data. Never here: files, screens, what the logic needs to sort.
"""
