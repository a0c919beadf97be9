"""Numbers: waybills as carriers of cross-border parcels write them, with the check digits that they have.

Comes in: a chance, the country a parcel goes to. Goes out: texts. Never here: whether two are alike.
"""

from random import Random

from sortctl.labels import gs1, s10


def digits(chance: Random, count: int) -> str:
    """Any digits."""
    return "".join(chance.choice("0123456789") for _ in range(count))


def letters(chance: Random, count: int) -> str:
    """No letters that are mistaken for digits or for each other."""
    return "".join(chance.choice("ABCDEGHJKLMNPRSTVWXZ") for _ in range(count))


def waybill(chance: Random, country: str) -> str:
    """Some posts, some platforms, some carriers."""
    kind = chance.randrange(100)
    if kind < 35:
        return _s10(chance, ("LP", "LV", "LX", "LB", "CP", "RR", "EE"), "CN")
    if kind < 40:
        return _s10(chance, ("LK", "LB", "UR", "UA"), chance.choice(("HK", "SG", "MY")))
    if kind < 60:
        return f"YT2{digits(chance, 15)}"
    if kind < 72:
        return f"LP00{digits(chance, 12)}"
    if kind < 80:
        return f"CN{country}{digits(chance, 16)}HD"
    if kind < 86:
        return f"4PX{digits(chance, 13)}CN"
    if kind < 92:
        return f"SF{digits(chance, 13)}"
    return f"JJD01{digits(chance, 14)}" if kind < 96 else sscc(chance)


def sscc(chance: Random) -> str:
    """A shipping container code with its application identifier."""
    body = "3" + digits(chance, 16)
    return f"00{body}{gs1.check_digit(body)}"


def _s10(chance: Random, services: tuple[str, ...], post: str) -> str:
    serial = digits(chance, 8)
    return f"{chance.choice(services)}{serial}{s10.check_digit(serial)}{post}"
