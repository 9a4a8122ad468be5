import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.mllib.clustering.KMeans;
import org.apache.spark.mllib.clustering.KMeansModel;
import org.apache.spark.mllib.linalg.Vector;
import org.apache.spark.mllib.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import static org.apache.spark.sql.functions.*;

/**
 * SparkCheck BARS.parquet MEASUREMENTS.parquet HORIZON=CENTER,CENTER,... ...
 * Prints one JSON object: what it reads in each file, and for each horizon the k-means of its capped surges, begun at
 * these centers, and begun by itself.
 */
public class SparkCheck {
  public static void main(String[] arguments) {
    SparkSession spark = SparkSession.builder().getOrCreate();
    Dataset<Row> measured = spark.read().parquet(arguments[1]);
    String fits = Arrays.stream(arguments).skip(2).map(each -> fit(measured, each.split("="))).collect(Collectors.joining(","));
    System.out.printf("{\"bars\":%s,\"measurements\":%s,\"fits\":{%s}}",
        read(spark.read().parquet(arguments[0])), read(measured), fits);
    spark.stop();
  }

  /** The number of rows and stocks, the first and last time, and the sum of each column; times are summed in minutes. */
  static String read(Dataset<Row> rows) {
    String sums = Arrays.stream(rows.schema().fields())
        .map(field -> field.name())
        .filter(name -> !List.of("symbol", "time").contains(name))
        .map(name -> String.format("\"%s\":%s", name, rows.agg(sum(col(name).cast("double"))).first().get(0)))
        .collect(Collectors.joining(","));
    Row seen = rows.agg(count("*"), countDistinct("symbol"), min(expr("unix_millis(time)")),
        max(expr("unix_millis(time)")), sum(expr("unix_millis(time) div 60000"))).first();
    return String.format("{\"rows\":%s,\"symbols\":%s,\"first\":%s,\"last\":%s,\"minutes\":%s,\"schema\":\"%s\",\"sums\":{%s}}",
        seen.get(0), seen.get(1), seen.get(2), seen.get(3), seen.get(4), rows.schema().toDDL(), sums);
  }

  static String fit(Dataset<Row> all, String[] asked) {
    Vector[] begin = Arrays.stream(asked[1].split(","))
        .map(text -> Vectors.dense(Double.parseDouble(text))).toArray(Vector[]::new);
    JavaRDD<Vector> rows = all.where(col("horizon").equalTo(Integer.parseInt(asked[0])))
        .select(least(col("surge"), col("furthest"))).javaRDD().map(row -> Vectors.dense(row.getDouble(0))).cache();
    double ours = new KMeans().setK(begin.length).setMaxIterations(100).setEpsilon(0)
        .setInitialModel(new KMeansModel(begin)).run(rows.rdd()).computeCost(rows.rdd());
    String own = LongStream.rangeClosed(1, 3)
        .mapToDouble(seed -> new KMeans().setK(begin.length).setSeed(seed).run(rows.rdd()).computeCost(rows.rdd()))
        .mapToObj(String::valueOf).collect(Collectors.joining(","));
    return String.format("\"%s\":{\"rows\":%d,\"inertia\":%s,\"own\":[%s]}", asked[0], rows.count(), ours, own);
  }
}
