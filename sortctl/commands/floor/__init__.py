"""Floor: what the shift lead tells the controller that runs: chutes, bags, waves, purges.

telling   the way to the controller, and who says so
chute     sortctl chute lock, unlock, list
bag       sortctl bag bind, close, show
wave      sortctl wave end
purge     sortctl purge
"""
