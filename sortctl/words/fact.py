"""Fact: what every fact has. Apart, so that the facts of the machine and those of the hub can stand in files of their own."""

from msgspec import Struct


class Fact(Struct, frozen=True, gc=False, tag=True, omit_defaults=True):
    """Something that happened at `at_ns`."""

    at_ns: int
