"""Rigs: where the controller meets the simulated line. Virtual: one process, virtual time. Wire: the daemon, real wires."""
