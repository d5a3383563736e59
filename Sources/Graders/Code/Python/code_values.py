"""Values as JSON. Between the tests and the answer's code go data, never objects: nothing that crosses has methods of
its own, so nothing can claim to be equal to everything."""

import datetime, decimal, fractions, json

DEEPEST = 60


class Opaque(Exception):
    """The value is no plain data."""


def pack(value, refer, depth=0):
    """The value as JSON. `refer` is asked for what is no plain data, and raises Opaque where it has no form either."""
    if depth > DEEPEST:
        raise Opaque("nested too deeply")
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        number = int.__int__(value)
        # Hexadecimal, as decimal digits take quadratic time.
        return number if -(1 << 53) < number < 1 << 53 else {"i": hex(number)}
    if isinstance(value, float):
        return {"f": float.__repr__(float.__float__(value))}
    if isinstance(value, complex):
        return {"c": [float.__repr__(value.real), float.__repr__(value.imag)]}

    def parts(elements):
        return [pack(element, refer, depth + 1) for element in elements]

    if isinstance(value, list):
        return parts(value)
    if isinstance(value, tuple):
        return {"t": parts(value)}
    if isinstance(value, (set, frozenset)):
        return {"s" if isinstance(value, set) else "z": parts(value)}
    if isinstance(value, dict):
        return {"d": [parts(pair) for pair in value.items()]}
    if isinstance(value, (bytes, bytearray)):
        return {"b" if isinstance(value, bytes) else "y": bytes(value).hex()}
    if isinstance(value, range):
        return {"r": parts((value.start, value.stop, value.step))}
    if isinstance(value, decimal.Decimal):
        return {"D": str(value)}
    if isinstance(value, fractions.Fraction):
        return {"Q": parts((value.numerator, value.denominator))}
    if isinstance(value, datetime.timedelta):
        return {"l": [value.days, value.seconds, value.microseconds]}
    if isinstance(value, (datetime.date, datetime.time)):
        kind = datetime.datetime if isinstance(value, datetime.datetime) else datetime.date
        kind = kind if isinstance(value, datetime.date) else datetime.time
        return {"T": [kind.__name__, value.isoformat()]}
    if type(value).__module__ == "numpy" and callable(getattr(value, "tolist", None)):
        return pack(value.tolist(), refer, depth + 1)
    return refer(value)


def unpack(packed, resolve):
    """The value that was packed. `resolve` turns what `refer` made back."""
    if packed is None or isinstance(packed, (bool, str, int)):
        return packed
    if isinstance(packed, list):
        return [unpack(element, resolve) for element in packed]
    ((kind, body),) = packed.items()
    if kind == "i":
        return int(body, 16)
    if kind == "f":
        return float(body)
    if kind == "c":
        return complex(float(body[0]), float(body[1]))
    if kind == "b":
        return bytes.fromhex(body)
    if kind == "y":
        return bytearray.fromhex(body)
    if kind == "D":
        return decimal.Decimal(body)
    if kind == "l":
        return datetime.timedelta(*body)
    if kind == "T":
        return {"date": datetime.date, "datetime": datetime.datetime, "time": datetime.time}[body[0]].fromisoformat(
            body[1]
        )
    if kind in ("t", "s", "z", "r", "Q"):
        elements = [unpack(element, resolve) for element in body]
        if kind in ("r", "Q"):
            return (range if kind == "r" else fractions.Fraction)(*elements)
        return {"t": tuple, "s": set, "z": frozenset}[kind](elements)
    if kind == "d":
        return {unpack(key, resolve): unpack(element, resolve) for key, element in body}
    return resolve(kind, body)
