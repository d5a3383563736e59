"""The ratios as horizontal bars on a log axis, with a whisker from the smallest to the largest."""

import math
from xml.sax.saxutils import escape

LABEL, PLOT, VALUE, ROW, TOP = 440, 400, 140, 24, 56
FAST, SLOW, INK, FAINT = "#2a7f62", "#b5523b", "#222222", "#cccccc"


def ticks(low, high):
    """1, 2 and 5 times powers of ten within the range."""
    steps = [mantissa * 10.0**power for power in range(-3, 4) for mantissa in (1, 2, 5)]
    return [step for step in steps if low <= step * 1.0001 and step <= high * 1.0001]


def scale(value, low, high):
    """Pixels from the left of the plot."""
    return PLOT * (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))


def svg(records, title):
    bars = [record for record in records if record["ratio_median"] is not None]
    low = min([0.5, *(record["ratio_min"] for record in bars)]) * 0.9
    high = max([2.0, *(record["ratio_max"] for record in bars)]) * 1.1
    height = TOP + ROW * len(bars) + 34
    width = LABEL + PLOT + VALUE

    def x(value):
        return LABEL + scale(value, low, high)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="12" fill="{INK}">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<text x="12" y="22" font-size="15">{escape(title)}</text>',
        f'<text x="12" y="40" fill="#666666">times as fast, or as small, as the peer: median, and min to max of all pairs; '
        "log axis</text>",
    ]
    bottom = TOP + ROW * len(bars)
    for tick in ticks(low, high):
        shade = "#888888" if tick == 1 else FAINT
        out.append(f'<line x1="{x(tick):.1f}" y1="{TOP}" x2="{x(tick):.1f}" y2="{bottom}" stroke="{shade}"/>')
        out.append(f'<text x="{x(tick):.1f}" y="{bottom + 16}" text-anchor="middle">{tick:g}</text>')
    for place, record in enumerate(bars):
        middle = TOP + ROW * place + ROW / 2
        value, least, most = record["ratio_median"], record["ratio_min"], record["ratio_max"]
        left, right = sorted((x(1), x(value)))
        label = record["measure"] + (f" / {record['against']}" if record["against"] else "")
        out += [
            f'<text x="{LABEL - 8}" y="{middle + 4:.1f}" text-anchor="end">{escape(label)}</text>',
            f'<rect x="{left:.1f}" y="{middle - 7:.1f}" width="{max(right - left, 1):.1f}" height="14" '
            f'fill="{FAST if value >= 1 else SLOW}" fill-opacity="0.8"/>',
            f'<line x1="{x(least):.1f}" y1="{middle:.1f}" x2="{x(most):.1f}" y2="{middle:.1f}" stroke="{INK}"/>',
        ]
        out += [
            f'<line x1="{x(end):.1f}" y1="{middle - 4:.1f}" x2="{x(end):.1f}" y2="{middle + 4:.1f}" stroke="{INK}"/>'
            for end in (least, most)]
        out.append(
            f'<text x="{LABEL + PLOT + 8}" y="{middle + 4:.1f}">{value:.2f} ({least:.2f} to {most:.2f})</text>')
    return "\n".join([*out, "</svg>", ""])
