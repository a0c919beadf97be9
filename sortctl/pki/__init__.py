"""Pki: who we are and whom we believe. Our certificate and key, the trust list, the judgement over a server's certificate.

Comes in: the folder `pki` of a state folder, certificates as they came from a wire. Goes out: bytes and paths for the drivers,
or a refusal that names the certificate, what is wrong with it and the command that mends it. The only room that knows where
certificates and secrets lie. Never here: sockets, a connection, a clock; the moment is given.
"""
