#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Reads a pcap file of UDP frames and sums them up as receivers do.

usage: checksums.py FILE FRAMES
exit: 0 if there are so many, and all are good
"""
import struct
import sys


def ones(data):
    """The one's complement sum of 16-bit words."""
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def is_good(frame):
    """Checks lengths and checksums of one frame."""
    ip = frame[14:]
    if frame[12:14] == b"\x08\x00":
        udp, addresses = ip[20:], ip[12:20]
        if ones(ip[:20]) != 0xFFFF or ip[2:4] != struct.pack(">H", len(ip)):
            return False
    else:
        udp, addresses = ip[40:], ip[8:40]
        if ip[4:6] != struct.pack(">H", len(udp)):
            return False
    pseudo = addresses + struct.pack(">HH", 17, len(udp))
    return (
        udp[4:6] == struct.pack(">H", len(udp))
        and udp[6:8] != b"\0\0"
        and ones(pseudo + udp) == 0xFFFF
    )


def main(path, wanted):
    """Counts the frames and the bad ones."""
    with open(path, "rb") as file:
        data = file.read()
    at, frames, bad = 24, 0, 0
    while at < len(data):
        size = struct.unpack("<I", data[at + 8 : at + 12])[0]
        at += 16
        bad += not is_good(data[at : at + size])
        at += size
        frames += 1
    print(f"# {frames} frames, {bad} bad")
    return 0 if frames == int(wanted) and bad == 0 else 1


sys.exit(main(*sys.argv[1:]))
