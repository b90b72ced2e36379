#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reports the latency of work in Python, with the target that p95 is 5 ms or less. Usage: loop.py [ROUNDS]"""

import hashlib
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "python"))  # needed only in the source tree
import governord_qos  # noqa: E402

with governord_qos.Qos(target_us=5000, application="example in Python") as qos:
    qos.wait(timeout_ms=200)  # so that the first rounds are reported; a long-running program does not need this
    for n in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1000):
        with qos.work():
            hashlib.sha256(bytes(100_000 + n)).digest()
    print(qos.status())
