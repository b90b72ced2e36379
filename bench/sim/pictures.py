# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws the three kinds of pictures: energy by target, energy by load, and levels and latencies of slack during bursts."""

import svg
import tables


def colour(name):
    return svg.COLOURS[tables.ORDER.index(name) % len(svg.COLOURS)]


def draw_curve(path, rows, load, machine):
    found = {key[2]: value for key, value in sorted(tables.groups(rows, "multiple").items()) if key[:2] == (load, machine)}
    if not found:
        return
    picture = svg.Picture(f"{load} on {machine}: filled if the target is kept with every seed",
                          "p99 target, as a multiple of the p99 of performance", "package energy, % of performance",
                          (min(found) - 0.1, max(found) + 0.1), (30, 105))
    picture.x_ticks(list(found))
    for name in tables.ORDER:
        points = [(multiple, value[name].package) for multiple, value in found.items() if name in value]
        if name in ("powersave", "race") or not points:
            continue
        picture.line(points, colour(name), name)
        for multiple, package in points:
            picture.point(multiple, package, colour(name), found[multiple][name].meets)
    picture.save(path)


def draw_loads(path, rows, machine):
    found = {key[0]: value for key, value in tables.groups(rows).items() if key[1] == machine}
    if not found:
        return
    shown = [name for name in tables.ORDER if name not in ("powersave", "race")]
    picture = svg.Picture(f"{machine}: hollow if the target is missed", "load", "package energy, % of performance",
                          (0, len(found)), (0, 110), width=1100)
    for place, (load, value) in enumerate(found.items()):
        picture.text(picture.x(place + 0.5), picture.height - svg.MARGIN_BOTTOM + 16, load, "middle")
        for n, name in enumerate(shown):
            left = place + 0.08 + 0.84 * n / len(shown)
            if name in value:
                picture.bar(left, left + 0.8 / len(shown), value[name].package, colour(name), value[name].meets)
    for name in shown:
        picture.legend(name, colour(name))
    picture.save(path)


def draw_time(path, log, begin_ms=8000, span_ms=300):
    """The level, and the longest latency of each millisecond relative to the longest latency in the picture."""
    part = [line for line in log if begin_ms <= line[0] < begin_ms + span_ms]
    longest = max(line[4] for line in part) or 1
    picture = svg.Picture("slack during bursts, server", "ms", "level", (begin_ms, begin_ms + span_ms), (0, 1100))
    picture.x_ticks()
    for line in part:
        if line[4] > 0:
            picture.bar(line[0], line[0] + 1, 1024 * line[4] / longest, "#e3b7b0")
    picture.legend(f"latency ({longest / 1000:.1f} ms = 1024)", "#e3b7b0")
    picture.line([(line[0], line[1]) for line in part], svg.COLOURS[0], "level")
    picture.save(path)


def draw_all(folder, rows, curve, log):
    for load, machine in {(row["load"], row["machine"]) for row in curve if row["load"] in ("burst", "surge")}:
        draw_curve(folder / f"target-{load}-{machine}.svg", curve, load, machine)
    for machine in {row["machine"] for row in rows}:
        draw_loads(folder / f"loads-{machine}.svg", rows, machine)
    draw_time(folder / "time.svg", log)
