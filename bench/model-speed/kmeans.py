"""Times scikit-learn's KMeans on rows of raw float64; fit time only. Arguments: TOLERANCE FILE COLUMNS K ROUNDS. Prints one JSON object."""
import json
import sys
import time

import numpy
import sklearn
from sklearn.cluster import KMeans

tolerance, file = float(sys.argv[1]), sys.argv[2]
columns, k, rounds = map(int, sys.argv[3:6])
rows = numpy.fromfile(file, dtype="<f8").reshape(-1, columns)
runs = []
for seed in range(rounds + 1):
    start = time.perf_counter()
    model = KMeans(n_clusters=k, n_init=10, tol=tolerance, random_state=seed).fit(rows)
    runs.append({"ms": 1000 * (time.perf_counter() - start), "centers": model.cluster_centers_.tolist()})
# The first run loads what later ones find loaded.
print(json.dumps({"version": sklearn.__version__, "runs": runs[1:]}))
