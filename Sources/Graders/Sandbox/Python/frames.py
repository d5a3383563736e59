"""Messages over descriptors."""

def read_exactly(descriptor, count):
    parts = []
    while count > 0:
        part = os.read(descriptor, min(count, 1 << 20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def read_header(descriptor):
    """None at the end of the stream."""
    length = read_exactly(descriptor, 4)
    text = None if length is None else read_exactly(descriptor, struct.unpack("<I", length)[0])
    return None if text is None else json.loads(text)


def write_all(descriptor, data):
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def write_frame(descriptor, header, *blobs):
    text = json.dumps(header).encode()
    write_all(descriptor, b"".join((struct.pack("<I", len(text)), text) + blobs))
