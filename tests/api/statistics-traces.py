"""Looks for traces of visitors. Reads JSON from standard input: { key, master, files, process, visitors: [{ address, agent, host }],
forbidden: [text] }; prints { bytes, looked_for, found, in_memory, seen }. Keys are hexadecimal; process: 0, or one whose memory is read;
seen: how many of the texts "expected" are in the files."""
import base64
import hashlib
import hmac
import ipaddress
import json
import struct
import sys


def messages(visitor):
    """What a mark may be made of: as the program does it, and as others do."""
    address = ipaddress.ip_address(visitor["address"])
    packed = address.packed if address.version == 4 else address.packed[:8]
    agent, host = visitor["agent"].encode(), visitor["host"].encode()
    text = visitor["address"].encode()
    yield packed + b"\0" + agent + b"\0" + host  # the program's, which is_marked checks
    yield from (text, agent, packed, text + agent, agent + text, text + b"\0" + agent, agent + b"-" + text,
                text + agent + host, packed + agent, packed + agent + host)


def digests(message, keys):
    for name in ("md5", "sha1", "sha256", "sha512", "blake2b", "blake2s"):
        yield hashlib.new(name, message).digest()
        for key in keys:
            yield hmac.new(key, message, name).digest()
            yield hashlib.new(name, key + message).digest()
            yield hashlib.new(name, message + key).digest()
    for key in keys:
        for size in (8, 16, 32, 64):
            yield hashlib.blake2b(message, key=key, digest_size=size).digest()


def forms(digest):
    """Of the first eight bytes: a longer form begins with them."""
    head = digest[:8]
    yield head
    yield head[::-1]
    yield head.hex().encode()
    yield head.hex().upper().encode()
    yield base64.b64encode(digest)[:10]
    yield base64.urlsafe_b64encode(digest)[:10]
    for order in "<>":
        for kind in "qQ":
            yield str(struct.unpack(order + kind, head)[0]).encode()


def memory_of(process):
    with open(f"/proc/{process}/maps") as maps, open(f"/proc/{process}/mem", "rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            begin, end = (int(part, 16) for part in span.split("-"))
            if "w" not in rights or end - begin > 1 << 28 or "[v" in line:
                continue
            try:
                memory.seek(begin)
                yield memory.read(end - begin)
            except (OSError, ValueError):
                pass


def find(hay, traces):
    """Those that occur: by their first eight bytes, which a single walk compares with each place."""
    heads = {trace[:8] for trace in traces if len(trace) >= 8}
    candidates = {hay[at:at + 8] for at in range(len(hay) - 7)} & heads
    return [trace for trace in traces if (trace[:8] in candidates or len(trace) < 8) and trace in hay]


def mark_of(visitor, key):
    return hashlib.blake2b(next(messages(visitor)), key=key, digest_size=16).digest()[:8]


def main():
    asked = json.load(sys.stdin)
    key = bytes.fromhex(asked["key"])
    keys = [key, bytes.fromhex(asked["master"])]
    hay = b"\n--\n".join(open(path, "rb").read() for path in asked["files"])
    traces = set()
    for at, visitor in enumerate(asked["visitors"]):
        # all forms of some, what the program itself makes of everybody
        traces |= {form for message in messages(visitor) for digest in digests(message, keys) for form in forms(digest)} \
            if at < 4 else {*forms(mark_of(visitor, key))}
        traces |= {visitor["address"].encode(), visitor["agent"].encode()}
        traces |= {ipaddress.ip_address(visitor["address"]).packed} if ":" in visitor["address"] else set()
    found = [repr(trace) for trace in find(hay, traces)]
    found += [f"forbidden: {text}" for text in asked["forbidden"] if text.encode() in hay]
    found += ["the key"] if key in hay or key.hex().encode() in hay or base64.b64encode(key)[:-2] in hay else []
    marks = {mark_of(visitor, key) for visitor in asked["visitors"][:10]}
    in_memory = set()
    for part in memory_of(asked["process"]) if asked["process"] else ():
        in_memory |= {mark for mark in marks - in_memory if mark in part}
    print(json.dumps({"bytes": len(hay), "looked_for": len(traces), "found": found[:20], "in_memory": len(in_memory),
                      "marks": len(marks), "seen": [text for text in asked["expected"] if text.encode() in hay]}))


main()
