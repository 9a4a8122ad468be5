"""Collects and judges minutes of a market with pandas and scikit-learn, and stores them with a driver of Python's.

Arguments: FOLDER STOCKS HISTORY_MINUTES LIVE_MINUTES ROUNDS_BY_ROW, and the PORT of a MariaDB if there is one. FOLDER has
history.f64, minutes x stocks x (close, volume), and live.f64, minutes x stocks x (open, high, low, close, volume). Both
hold raw float64. Prints one JSON object with milliseconds a minute, by engine and way.
"""
import json
import sqlite3
import sys
import time
import warnings

import numpy
import pandas
from sklearn.cluster import KMeans

folder = sys.argv[1]
stocks, history_minutes, live_minutes, rounds_by_row = map(int, sys.argv[2:6])
mariadb_port = int(sys.argv[6]) if len(sys.argv) > 6 else None
WINDOW = 60
symbols = [str(100_000 + stock) for stock in range(stocks)]
history = numpy.fromfile(f"{folder}/history.f64").reshape(history_minutes, stocks, 2)
live = numpy.fromfile(f"{folder}/live.f64").reshape(live_minutes, stocks, 5)
warnings.filterwarnings("ignore")


def measured(close, volume):
    """Changes against the minute before and against the mean volume of the hour before, for all stocks at once."""
    usual = volume.shift(1).rolling(WINDOW).mean()
    return close.pct_change() * 100, volume / usual


close = pandas.DataFrame(history[:, :, 0], columns=symbols)
volume = pandas.DataFrame(history[:, :, 1], columns=symbols)
moves, multiples = measured(close, volume)
rows = numpy.stack([moves.to_numpy()[WINDOW + 1:], multiples.to_numpy()[WINDOW + 1:]], axis=2)
models = [KMeans(n_clusters=4, n_init=1, random_state=0).fit(numpy.ascontiguousarray(rows[:, s])) for s in range(stocks)]
pooled = KMeans(n_clusters=4, n_init=1, random_state=0).fit(rows.reshape(-1, 2)[:: max(1, rows.shape[0] * stocks // 100_000)])


def furthest(model):
    return int(numpy.argmax((model.cluster_centers_ ** 2).sum(axis=1)))


abnormal_of = [furthest(model) for model in models]
abnormal_of_all = furthest(pooled)


def by_stock(pairs):
    return [s for s, model in enumerate(models) if model.predict(pairs[s:s + 1])[0] == abnormal_of[s]]


def by_all(pairs):
    return numpy.flatnonzero(pooled.predict(pairs) == abnormal_of_all).tolist()


TABLES = [
    "create table bars (symbol varchar(16) not null, open_time bigint not null, open double not null, high double not null,"
    " low double not null, close double not null, volume double not null, primary key (symbol, open_time))",
    "create table alerts (symbol varchar(16) not null, open_time bigint not null, primary key (symbol, open_time))",
]


class Database:
    """A connection, and the two ways to store a minute."""

    def __init__(self, connection, mark):
        self.connection = connection
        self.cursor = connection.cursor()
        self.bar = f"insert into bars values ({', '.join([mark] * 7)})"
        self.alert = f"insert into alerts values ({mark}, {mark})"
        for table in TABLES:
            self.cursor.execute(table)
        connection.commit()

    def at_once(self, bars, alerts):
        self.cursor.executemany(self.bar, bars)
        if alerts:
            self.cursor.executemany(self.alert, alerts)
        self.connection.commit()

    def by_row(self, bars, alerts):
        for statement, rows in ((self.bar, bars), (self.alert, alerts)):
            for row in rows:
                self.cursor.execute(statement, row)
                self.connection.commit()


def on_mariadb():
    import pymysql

    connection = pymysql.connect(host="127.0.0.1", port=mariadb_port, user="root")
    connection.cursor().execute("create database rival")
    connection.select_db("rival")
    return Database(connection, "%s")


minute = 0


def run(judge, store, rounds):
    global minute
    taken = []
    window_close, window_volume = close.tail(WINDOW + 1), volume.tail(WINDOW + 1)
    for round_nr in range(rounds):
        bars = live[round_nr % live_minutes]
        start = time.perf_counter()
        window_close = pandas.concat([window_close, pandas.DataFrame([bars[:, 3]], columns=symbols)]).tail(WINDOW + 2)
        window_volume = pandas.concat([window_volume, pandas.DataFrame([bars[:, 4]], columns=symbols)]).tail(WINDOW + 2)
        move, multiple = measured(window_close, window_volume)
        pairs = numpy.column_stack([move.iloc[-1], multiple.iloc[-1]])
        found = judge(pairs)
        store([(symbols[s], minute, *bars[s].tolist()) for s in range(stocks)], [(symbols[s], minute) for s in found])
        taken.append(1000 * (time.perf_counter() - start))
        minute += 1
    return taken


def measure(database):
    return {
        "pandas and scikit-learn, a model a stock, executemany": run(by_stock, database.at_once, live_minutes),
        "pandas and scikit-learn, one model for all, executemany": run(by_all, database.at_once, live_minutes),
        "the same, row by row with a commit each, as the old system": run(by_all, database.by_row, rounds_by_row),
    }


engines = {"sqlite": measure(Database(sqlite3.connect(f"{folder}/rival.db"), "?"))}
if mariadb_port is not None:
    engines["mariadb"] = measure(on_mariadb())
print(json.dumps(engines))
