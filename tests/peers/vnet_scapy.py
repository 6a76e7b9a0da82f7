#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""vnet_scapy - what a switch makes of frames behind virtio-net headers is,
byte for byte, what scapy makes of the same packets.

A segment is built by scapy from its fields alone, so every length and checksum
in it is scapy's; fragments are what its fragment() and fragment6() return.
Which fields differ from piece to piece is written here once more, from the
RFCs and src/core/vnet.h.

usage: vnet_scapy.py TRANSLATE        (the program of translate.c)
"""
import itertools
import logging
import random
import struct
import subprocess
import sys

# Layers are measured alone, where it cannot compute their checksums.
logging.getLogger("scapy").setLevel(logging.ERROR)
try:
    from scapy.config import conf
    from scapy.layers.inet import (
        IP,
        TCP,
        UDP,
        IPOption_RR,
        IPOption_Router_Alert,
        fragment,
        in4_pseudoheader,
    )
    from scapy.layers.inet6 import (
        ICMPv6EchoRequest,
        IPv6,
        IPv6ExtHdrDestOpt,
        IPv6ExtHdrFragment,
        IPv6ExtHdrHopByHop,
        PadN,
        RouterAlert,
        fragment6,
        in6_pseudoheader,
    )
    from scapy.layers.l2 import Dot1Q, Ether
    from scapy.packet import Raw
    from scapy.utils import checksum
except ImportError as error:
    print(f"SKIP: {error} (Debian: python3-scapy)")
    sys.exit(77)

NEEDS_CSUM = 1
TCPV4, UFO, TCPV6, ECN = 1, 3, 4, 0x80
MAX = 1514  # of a piece, an 802.1Q tag apart

random.seed(1)


class Translate:
    def __init__(self, program):
        self.child = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def frames(self):
        while length := struct.unpack("=I", self.child.stdout.read(4))[0]:
            yield self.child.stdout.read(length)

    def __call__(self, header, frame):
        data = header + frame
        self.child.stdin.write(struct.pack("=I", len(data)) + data)
        self.child.stdin.flush()
        return list(self.frames())


class Flow:
    """Everything below the transport's header."""

    def __init__(self, v6=False, tag=False, extra=()):
        self.v6, self.tag, self.extra = v6, tag, extra
        self.id = random.choice([0, 1, 0x7FFF, 0xFFF0, random.randrange(65536)])
        self.df = random.choice(["", "DF"])

    def __str__(self):
        names = [layer.name for layer in self.extra]
        return f"v{6 if self.v6 else 4} tag {self.tag} extra {names}"

    def link(self):
        frame = Ether(dst="ff:ff:ff:ff:ff:ff", src="02:00:00:00:00:01")
        return frame / Dot1Q(vlan=7, prio=3) if self.tag else frame

    def below(self, ident=0, df=None):
        if not self.v6:
            flags = self.df if df is None else df
            return self.link() / IP(
                src="192.0.2.1",
                dst="198.51.100.77",
                ttl=61,
                tos=0x1A,
                id=(self.id + ident) & 0xFFFF,
                flags=flags,
                options=list(self.extra),
            )
        frame = self.link() / IPv6(
            src="2001:db8::1", dst="2001:db8:ffff::2", hlim=61, tc=0x1A, fl=0xABCDE
        )
        for layer in self.extra:
            frame = frame / layer.copy()
        return frame


IP4_EXTRA = [
    (),
    (IPOption_Router_Alert(),),
    (IPOption_RR(routers=["0.0.0.0"] * 9),),
]
HOP = IPv6ExtHdrHopByHop(options=[RouterAlert()])
DEST = IPv6ExtHdrDestOpt(options=[PadN(optdata=bytes(20))])
IP6_EXTRA = [(), (HOP,), (DEST,), (HOP, DEST)]


def flows():
    for v6, tag in itertools.product((False, True), repeat=2):
        for extra in IP6_EXTRA if v6 else IP4_EXTRA:
            yield Flow(v6, tag, extra)


def partial_sum(packet, proto, length):
    """What lies in the checksum's place until it is computed."""
    if IP in packet:
        pseudo = in4_pseudoheader(proto, packet[IP], length)
    else:
        pseudo = bytes(in6_pseudoheader(proto, packet.lastlayer(), length))
    return ~checksum(pseudo) & 0xFFFF


def unfinished(packet, transport, payload, offset, gso_type, gso_size):
    """The packet with its checksum left to do, and the header that says so."""
    tail = len(bytes(transport)) + len(payload)
    frame = bytearray(bytes(packet / transport / Raw(payload)))
    start = len(frame) - tail
    proto = {16: 6, 6: 17, 2: 58}[offset]
    frame[start + offset : start + offset + 2] = struct.pack(
        "!H", partial_sum(packet / transport, proto, tail)
    )
    hdr_len = start + len(bytes(transport))
    header = struct.pack(
        "<BBHHHHH", NEEDS_CSUM, gso_type, hdr_len, gso_size, start, offset, 0
    )
    return header, bytes(frame)


def cut(data, size):
    return [data[at : at + size] for at in range(0, len(data), size)] or [b""]


def same(what, got, want):
    if [len(f) for f in got] != [len(f) for f in want]:
        raise AssertionError(
            f"{what}: lengths {[len(f) for f in got]}, scapy {[len(f) for f in want]}"
        )
    for i, (g, w) in enumerate(zip(got, want)):
        if g != w:
            at = next(k for k in range(len(w)) if g[k] != w[k])
            raise AssertionError(
                f"{what}: frame {i}, byte {at}: {g[at:at + 8].hex()}, "
                f"scapy {w[at:at + 8].hex()}\n got {g.hex()}\nwant {w.hex()}"
            )


# ---- TCP ----

TCP_OPTIONS = [
    [],
    [("NOP", None), ("NOP", None), ("Timestamp", (0x12345678, 0x9ABCDEF0))],
    [("MSS", 1460), ("SAckOK", b""), ("WScale", 7)] + [("NOP", None)] * 31,
]
FIN, PSH, CWR = 0x01, 0x08, 0x80


def tcp_header(options, flags, seq):
    return TCP(
        sport=40000,
        dport=443,
        seq=seq & 0xFFFFFFFF,
        ack=0xCAFEBABE,
        window=0x1234,
        urgptr=0x55,
        flags=flags,
        options=options,
    )


def tcp_flags(flags, i, n):
    if i < n - 1:
        flags &= ~(FIN | PSH)
    return flags & ~CWR if i else flags


def tcp_segments(flow, options, flags, seq, payload, mss):
    """By scapy, one by one."""
    head = len(bytes(flow.below() / tcp_header(options, 0, 0)))
    size = min(mss, MAX + 4 * flow.tag - head)
    parts = cut(payload, size)
    return [
        bytes(
            flow.below(ident=i)
            / tcp_header(options, tcp_flags(flags, i, len(parts)), seq + i * size)
            / Raw(part)
        )
        for i, part in enumerate(parts)
    ]


def tcp(flow, options, flags, payload, mss, ecn=0, seq=None):
    if seq is None:
        seq = random.choice([0, 0xFFFFF000, random.randrange(1 << 32)])
    header, frame = unfinished(
        flow.below(),
        tcp_header(options, flags, seq),
        payload,
        16,
        (TCPV6 if flow.v6 else TCPV4) | ecn,
        mss,
    )
    got = translate(header, frame)
    same(
        f"{flow}, options {len(options)}, flags {flags:#x}, mss {mss}, "
        f"payload {len(payload)}, ecn {ecn:#x}",
        got,
        tcp_segments(flow, options, flags, seq, payload, mss),
    )
    return got


def tcp_segments_are_those_of_scapy():
    """TCP over IPv4 and IPv6, with tags, options and extension headers, is cut
    into the segments that scapy builds, for odd sizes too"""
    for flow in flows():
        for options in TCP_OPTIONS:
            for mss in (535, 1001, 65535, random.randrange(200, 1460)):
                n = random.choice([0, 1, mss - 1, mss, mss + 1, random.randrange(9000)])
                n = min(n, 9000)
                tcp(flow, options, 0x18, random.randbytes(n), mss)


def the_largest_frames_too():
    """IPv4 of 65535 bytes and IPv6 of as much payload, and one segment a byte"""
    for flow in (Flow(), Flow(v6=True, tag=True)):
        head = 20 if flow.v6 else 40
        tcp(flow, [], 0x19, random.randbytes(65535 - head), 1447)
        tcp(flow, [], 0x19, random.randbytes(100), 1)


def flags_are_where_they_belong():
    """any TCP flags: FIN and PSH are on the last segment only, CWR on the first
    only, with the ECN bit in the header's type or without"""
    for flags in range(256):
        tcp(Flow(v6=flags & 1), [], flags, bytes(2500), 1000, ECN * (flags >> 1 & 1))


# ---- UDP ----


def udp_header(payload):
    return UDP(sport=5000, dport=53, len=8 + len(payload))


def udp4_fragments(flow, payload, size):
    whole = flow.below() / udp_header(payload) / Raw(payload)
    if 8 + len(payload) <= size and len(bytes(whole)) <= MAX + 4 * flow.tag:
        return [bytes(whole)]
    # "Don't fragment" cannot be said of a fragment.
    whole = flow.below(df="") / udp_header(payload) / Raw(payload)
    head = len(bytes(flow.below()))
    size = min(size, MAX + 4 * flow.tag - head) & ~7
    return [bytes(f) for f in fragment(whole, size)]


def udp6_fragments(flow, payload, size, ident):
    whole = flow.below() / udp_header(payload) / Raw(payload)
    first = [h for h in flow.extra if h.name == HOP.name]
    rest = [h for h in flow.extra if h.name != HOP.name]
    head = len(bytes(Flow(True, flow.tag, first).below()))
    cuttable = len(bytes(whole)) - head
    if cuttable <= size and len(bytes(whole)) <= MAX + 4 * flow.tag:
        return [bytes(whole)]
    packet = Flow(True, flow.tag, first).below() / IPv6ExtHdrFragment(id=ident)
    for layer in rest:
        packet = packet / layer.copy()
    size = min(size, MAX + 4 * flow.tag - head - 8) & ~7
    return [
        bytes(f)
        for f in fragment6(packet / udp_header(payload) / Raw(payload), head + 8 + size)
    ]


def fragment_id(flow, got):
    """IPv6: the id is the switch's own choice, so scapy is told of it."""
    hop = any(h.name == HOP.name for h in flow.extra)
    at = 14 + 4 * flow.tag + 40 + 8 * hop + 4
    return struct.unpack_from("!I", got[0], at)[0] if len(got) > 1 else 0


def udp(flow, payload, size):
    header, frame = unfinished(
        flow.below(), udp_header(payload), payload, 6, UFO, size
    )
    got = translate(header, frame)
    if flow.v6:
        want = udp6_fragments(flow, payload, size, fragment_id(flow, got))
    else:
        want = udp4_fragments(flow, payload, size)
    same(f"{flow}, size {size}, payload {len(payload)}", got, want)


def udp_fragments_are_those_of_scapy():
    """UDP over IPv4 and IPv6, with tags, options and extension headers, becomes
    the fragments that scapy makes of the datagram"""
    for flow in flows():
        for size in (200, 1003, 1448, 1480, 65535):
            for n in (size - 9, size - 8, size - 7, 4001):
                if n <= 9000:
                    udp(flow, random.randbytes(n), size)
        udp(flow, random.randbytes(65000), 1480)


# ---- checksums alone ----


def checksum_only(flow, transport, payload, offset):
    header, frame = unfinished(flow.below(), transport, payload, offset, 0, 0)
    want = bytes(flow.below() / transport / Raw(payload))
    same(f"{flow}, {len(payload)} bytes", translate(header, frame), [want])


def checksums_are_those_of_scapy():
    """a checksum that alone is left to do is the one that scapy computes: TCP,
    UDP, ICMPv6, any length"""
    for flow in flows():
        for n in (0, 1, 2, 63, 1401, 8999):
            payload = random.randbytes(n)
            for options in TCP_OPTIONS:
                checksum_only(flow, tcp_header(options, 0x18, 7), payload, 16)
            checksum_only(flow, udp_header(payload), payload, 6)
            if flow.v6:
                checksum_only(flow, ICMPv6EchoRequest(id=n, seq=1), payload, 2)


def with_word(data, at, value):
    return data[:at] + struct.pack("!H", value) + data[at + 2 :]


def word_for_zero(packet, at):
    """What has to be added to packet, whose checksum is at @at, to make that 0."""
    return struct.unpack_from("!H", bytes(packet), at)[0]


def zeros_are_those_of_scapy():
    """a checksum that comes to 0 is 0 in IPv4 and TCP, and 0xffff in UDP"""
    for flow in (Flow(), Flow(v6=True)):
        l4 = 54 if flow.v6 else 34
        seq, part = 1000, bytes(100)
        # the second segment, whose last word is still 0
        second = flow.below(1) / tcp_header([], 0x10, seq + 100) / Raw(part)
        payload = with_word(bytes(300), 198, word_for_zero(second, l4 + 16))
        got = tcp(flow, [], 0x10, payload, 100, seq=seq)
        if got[1][l4 + 16 : l4 + 18] != b"\0\0":
            raise AssertionError(f"{flow}: the checksum was to be 0")

        whole = flow.below() / udp_header(part) / Raw(part)
        payload = with_word(part, 98, word_for_zero(whole, l4 + 6))
        udp(flow, payload, 80)
        checksum_only(flow, udp_header(payload), payload, 6)

    flow = Flow()
    flow.id = 0
    second = flow.below() / tcp_header([], 0x10, 0) / Raw(bytes(100))
    flow.id = (word_for_zero(second, 24) - 1) & 0xFFFF
    got = tcp(flow, [], 0x10, bytes(300), 100)
    if got[1][24:26] != b"\0\0":
        raise AssertionError("IPv4's checksum was to be 0")


CLAIMS = [
    tcp_segments_are_those_of_scapy,
    the_largest_frames_too,
    flags_are_where_they_belong,
    udp_fragments_are_those_of_scapy,
    checksums_are_those_of_scapy,
    zeros_are_those_of_scapy,
]


def main():
    bad = 0
    print(f"1..{len(CLAIMS)}")
    for number, claim in enumerate(CLAIMS, 1):
        try:
            claim()
            verdict = "ok"
        except AssertionError as error:
            for line in str(error).splitlines():
                print(f"# {line}")
            verdict, bad = "not ok", bad + 1
        print(f"{verdict} {number} - {' '.join(claim.__doc__.split())}", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    conf.verb = 0
    translate = Translate(sys.argv[1])
    sys.exit(main())
