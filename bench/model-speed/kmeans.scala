// Times the fit of Spark MLlib's KMeans, one start a seed, on rows of raw float64. The values file, columns, k and
// rounds stand before these lines. Prints one JSON object in a line of its own.
import java.nio.{ByteBuffer, ByteOrder}
import java.nio.file.{Files, Path}
import org.apache.spark.ml.clustering.KMeans
import org.apache.spark.ml.linalg.Vectors

spark.sparkContext.setLogLevel("ERROR")
val doubles = ByteBuffer.wrap(Files.readAllBytes(Path.of(file))).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer()
val numbers = Array.fill(doubles.remaining())(doubles.get())
val rows = numbers.grouped(columns).map(row => Tuple1(Vectors.dense(row))).toSeq.toDF("features").repartition(2).cache()
rows.count()
def run(seed: Int): String = {
  val start = System.nanoTime()
  val model = new KMeans().setK(k).setSeed(seed).setMaxIter(100).fit(rows)
  val ms = (System.nanoTime() - start) / 1e6
  val centers = model.clusterCenters.map(_.toArray.mkString("[", ",", "]")).mkString("[", ",", "]")
  s"""{"ms":$ms,"centers":$centers}"""
}
// The first fits compile what the later ones run.
(1 to 2).foreach(seed => run(100 + seed))
println(s"""{"version":"${spark.version}","runs":${(1 to rounds).map(run(_)).mkString("[", ",", "]")}}""")
