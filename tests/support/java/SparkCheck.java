import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
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
 * SparkCheck read FILE.parquet: the number of rows and stocks, the first and last time, and the sum of each column.
 * SparkCheck fit FILE.parquet HORIZON CENTER,CENTER,...: k-means of the capped surges, begun at these centers, and
 * begun by itself.
 * Prints one JSON object.
 */
public class SparkCheck {
  public static void main(String[] arguments) {
    SparkSession spark = SparkSession.builder().getOrCreate();
    Dataset<Row> rows = spark.read().parquet(arguments[1]);
    System.out.println(arguments[0].equals("read") ? read(rows) : fit(rows, arguments[2], arguments[3]));
    spark.stop();
  }

  static String read(Dataset<Row> rows) {
    List<String> sums = Arrays.stream(rows.schema().fields())
        .filter(field -> !List.of("symbol", "time").contains(field.name()))
        .map(field -> String.format("\"%s\":%s", field.name(), rows.agg(sum(col(field.name()).cast("double"))).first().get(0)))
        .collect(Collectors.toList());
    Row seen = rows.agg(count("*"), countDistinct("symbol"), min(expr("unix_millis(time)")), max(expr("unix_millis(time)")),
        sum(expr("unix_millis(time) div 60000"))).first();
    return String.format("{\"rows\":%s,\"symbols\":%s,\"first\":%s,\"last\":%s,\"minutes\":%s,\"schema\":\"%s\",\"sums\":{%s}}",
        seen.get(0), seen.get(1), seen.get(2), seen.get(3), seen.get(4), rows.schema().toDDL(), String.join(",", sums));
  }

  static String fit(Dataset<Row> all, String horizon, String centers) {
    Vector[] begin = Arrays.stream(centers.split(",")).map(text -> Vectors.dense(Double.parseDouble(text))).toArray(Vector[]::new);
    JavaRDD<Vector> rows = all.where(col("horizon").equalTo(Integer.parseInt(horizon)))
        .select(least(col("surge"), col("furthest"))).javaRDD().map(row -> Vectors.dense(row.getDouble(0))).cache();
    KMeans settings = new KMeans().setK(begin.length).setMaxIterations(100).setEpsilon(0);
    KMeansModel ours = settings.setInitialModel(new KMeansModel(begin)).run(rows.rdd());
    // Which start of its own it is, the seed decides.
    List<String> own = java.util.stream.LongStream.rangeClosed(1, 5).mapToObj(seed ->
        String.valueOf(new KMeans().setK(begin.length).setMaxIterations(100).setEpsilon(0).setSeed(seed).run(rows.rdd())
            .computeCost(rows.rdd()))).collect(Collectors.toList());
    String found = Arrays.stream(ours.clusterCenters()).map(center -> String.valueOf(center.apply(0))).collect(Collectors.joining(","));
    return String.format("{\"rows\":%d,\"inertia\":%s,\"centers\":[%s],\"own\":[%s]}", rows.count(), ours.computeCost(rows.rdd()),
        found, String.join(",", own));
  }
}
