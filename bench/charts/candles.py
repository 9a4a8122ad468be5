"""Draws candles over volume with matplotlib. Arguments: ROUNDS WIDTH HEIGHT BARS; the size is in pixels. BARS is JSON, a
list of [open, high, low, close, volume]. Prints one JSON object with milliseconds a picture."""
import io
import json
import sys
import time

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

rounds, width, height = map(int, sys.argv[1:4])
bars = json.loads(sys.argv[4])
opens, highs, lows, closes, volumes = zip(*bars)
places = range(len(bars))
colours = ["tab:red" if close >= open_ else "tab:blue" for open_, close in zip(opens, closes)]


def picture():
    figure, (prices, traded) = pyplot.subplots(
        2, 1, sharex=True, figsize=(width / 200, height / 200), dpi=200, gridspec_kw={"height_ratios": [3, 1]}
    )
    prices.vlines(places, lows, highs, colors=colours, linewidth=0.7)
    bodies = [abs(close - open_) for open_, close in zip(opens, closes)]
    prices.bar(places, bodies, 0.7, [min(pair) for pair in zip(opens, closes)], color=colours)
    prices.set_title("038530")
    traded.bar(places, volumes, 0.7, color=colours)
    target = io.BytesIO()
    figure.savefig(target, format="png")
    pyplot.close(figure)
    return target.getbuffer().nbytes


picture()
taken = []
for _ in range(rounds):
    start = time.perf_counter()
    size = picture()
    taken.append(1000 * (time.perf_counter() - start))
print(json.dumps({"ms": taken, "bytes": size}))
