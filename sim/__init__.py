"""The simulator: another machine at another address.

A belt with parcels, a PLC that obeys the exchange contract, scanners that send telegrams, stories with mischief, and a
referee who knows the truth. It shares only `sortctl.site` and `sortctl.words` with the controller: a simulator that used
the controller's decoder would agree with its mistakes. Only the rigs may start the controller.
"""
