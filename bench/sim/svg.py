# SPDX-License-Identifier: GPL-2.0-or-later
"""A picture with axes, lines, points and bars, as SVG text."""

from html import escape

COLOURS = ["#1b6ca8", "#c0392b", "#27864f", "#8e44ad", "#d17a00", "#555555", "#11998e", "#b0307a", "#7d6608", "#1a1a1a"]
MARGIN_LEFT, MARGIN_TOP, MARGIN_RIGHT, MARGIN_BOTTOM = 70, 40, 190, 50


def nice_ticks(low, high, wanted=6):
    """Round values between low and high."""
    step = 10.0 ** -6
    factors = (2, 2.5, 2)
    n = 0
    while (high - low) / step > wanted:
        step *= factors[n % 3]
        n += 1
    first = int(low / step)
    return [round(i * step, 9) for i in range(first, int(high / step) + 2) if low <= i * step <= high * (1 + 1e-9)]


class Picture:
    def __init__(self, title, x_label, y_label, x_range, y_range, width=860, height=420):
        self.width, self.height = width, height
        self.x_range, self.y_range = x_range, y_range
        self.parts, self.legend_n = [], 0
        self.text(width / 2, 22, title, "middle", 15)
        self.text((MARGIN_LEFT + width - MARGIN_RIGHT) / 2, height - 10, x_label, "middle")
        self.parts.append(f'<text transform="translate(16 {height / 2}) rotate(-90)" text-anchor="middle">{escape(y_label)}</text>')
        for y in nice_ticks(*y_range):
            self.segment(x_range[0], y, x_range[1], y, "#dddddd")
            self.text(MARGIN_LEFT - 6, self.y(y) + 4, f"{y:g}", "end")

    def x(self, value):
        low, high = self.x_range
        return MARGIN_LEFT + (value - low) / (high - low) * (self.width - MARGIN_LEFT - MARGIN_RIGHT)

    def y(self, value):
        low, high = self.y_range
        return self.height - MARGIN_BOTTOM - (value - low) / (high - low) * (self.height - MARGIN_TOP - MARGIN_BOTTOM)

    def text(self, x, y, words, anchor="start", size=12, colour="#222222"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{colour}">'
                          f'{escape(words)}</text>')

    def segment(self, x1, y1, x2, y2, colour, dash=""):
        self.parts.append(f'<line x1="{self.x(x1):.1f}" y1="{self.y(y1):.1f}" x2="{self.x(x2):.1f}" y2="{self.y(y2):.1f}" '
                          f'stroke="{colour}" stroke-dasharray="{dash}"/>')

    def x_ticks(self, values=None):
        for x in values or nice_ticks(*self.x_range):
            self.text(self.x(x), self.height - MARGIN_BOTTOM + 16, f"{x:g}", "middle")

    def legend(self, words, colour):
        y = MARGIN_TOP + 10 + 18 * self.legend_n
        self.legend_n += 1
        self.parts.append(f'<rect x="{self.width - MARGIN_RIGHT + 14}" y="{y - 9}" width="12" height="10" fill="{colour}"/>')
        self.text(self.width - MARGIN_RIGHT + 32, y, words)

    def line(self, points, colour, words=None):
        path = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        if words:
            self.legend(words, colour)

    def point(self, x, y, colour, filled=True):
        self.parts.append(f'<circle cx="{self.x(x):.1f}" cy="{self.y(y):.1f}" r="4.5" stroke="{colour}" stroke-width="1.6" '
                          f'fill="{colour if filled else "white"}"/>')

    def bar(self, left, right, value, colour, filled=True):
        top, bottom, width = self.y(value), self.y(self.y_range[0]), self.x(right) - self.x(left)
        self.parts.append(f'<rect x="{self.x(left):.1f}" y="{top:.1f}" width="{width:.1f}" height="{bottom - top:.1f}" '
                          f'stroke="{colour}" fill="{colour if filled else "white"}"/>')

    def save(self, path):
        head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" font-family="sans-serif" '
                f'font-size="12"><rect width="100%" height="100%" fill="white"/>')
        path.write_text("\n".join([head, *self.parts, "</svg>"]) + "\n", encoding="utf-8")
