"""Outputs: orders -> raw. Pure. The orders block of each PLC. Decides nothing."""
