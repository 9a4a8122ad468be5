# Times R's kmeans (Hartigan-Wong) on rows of raw float64; fit time only. Arguments: FILE COLUMNS K ROUNDS. Prints one JSON object.
given <- commandArgs(trailingOnly = TRUE)
columns <- as.integer(given[2])
k <- as.integer(given[3])
values <- readBin(given[1], what = "double", n = file.size(given[1]) / 8, size = 8, endian = "little")
rows <- matrix(values, ncol = columns, byrow = TRUE)
run <- function(seed) {
  set.seed(seed)
  start <- Sys.time()
  # Its own warnings about steps and empty starts are the inertia's to tell.
  found <- suppressWarnings(kmeans(rows, k, nstart = 25, iter.max = 100))
  ms <- 1000 * as.numeric(Sys.time() - start, units = "secs")
  numbers <- sprintf("%.17g", t(found$centers))
  centers <- tapply(numbers, rep(seq_len(k), each = columns), paste, collapse = ",")
  sprintf('{"ms":%.3f,"centers":[%s]}', ms, paste0("[", centers, "]", collapse = ","))
}
runs <- vapply(seq_len(as.integer(given[4])), run, "")
cat(sprintf('{"version":"%s","runs":[%s]}\n', getRversion(), paste(runs, collapse = ",")))
