#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Work in Python that reports its latency: p95 shall be 5 ms or less. Usage: loop.py [ROUNDS]"""

import hashlib
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "python"))  # only in the source tree: it is installed elsewhere
import governord_qos  # noqa: E402

with governord_qos.Qos(target_us=5000, application="example in Python") as qos:
    qos.wait(timeout_ms=200)  # so that the first rounds count; not needed in a program that runs for hours
    for n in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1000):
        with qos.work():
            hashlib.sha256(bytes(100_000 + n)).digest()
    print(qos.status())
