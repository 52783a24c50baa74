package io.shardguard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.systemtests.Stack.Run;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/** A distributed table whose acknowledged rows are remembered. */
final class Rows {

  private static final int AT_ONCE = 200;
  private static final Duration GENEROUS = Duration.ofSeconds(120);

  private final Stack stack;
  private final Set<Integer> acknowledged = new TreeSet<>();
  private int last;

  Rows(Stack stack) throws Exception {
    this.stack = stack;
    sql("CREATE TABLE remembered (id int PRIMARY KEY)");
    sql("SELECT create_distributed_table('remembered', 'id')");
  }

  /** Writes rows into every shard; all of them were acknowledged, and are to be there for ever. */
  void write() throws Exception {
    acknowledged.addAll(writeUnpromised());
  }

  /** The same, but nobody promises to keep them. */
  List<Integer> writeUnpromised() throws Exception {
    List<Integer> ids = IntStream.range(last, last + AT_ONCE).boxed().toList();
    last += AT_ONCE;
    String insert = "INSERT INTO remembered SELECT generate_series(%d, %d)";
    sql(insert.formatted(ids.getFirst(), ids.getLast()));
    return ids;
  }

  /** Every acknowledged row can be read. */
  void assertAllThere() throws Exception {
    assertThat(present()).containsAll(acknowledged);
  }

  /** Of all that were ever written, those that are not there. */
  List<Integer> missing() throws Exception {
    Set<Integer> present = present();
    return IntStream.range(0, last).filter(id -> !present.contains(id)).boxed().toList();
  }

  /** Removes what is left of rows that nobody promised to keep. */
  void forget(List<Integer> ids) throws Exception {
    sql(
        "DELETE FROM remembered WHERE id BETWEEN %d AND %d"
            .formatted(ids.getFirst(), ids.getLast()));
  }

  private Set<Integer> present() throws Exception {
    Run[] answer = new Run[1];
    Awaitility.await()
        .atMost(GENEROUS)
        .until(() -> {
          answer[0] = stack.quietly("sql", "-Atc", "SELECT id FROM remembered");
          return answer[0].exitCode() == 0;
        });
    return answer[0]
        .output()
        .lines()
        .filter(line -> line.matches("\\d+"))
        .map(Integer::valueOf)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private void sql(String statement) throws Exception {
    Run run = stack.quietly("sql", "-v", "ON_ERROR_STOP=1", "-Atc", statement);
    assertThat(run.exitCode()).as(statement + ": " + run.output()).isZero();
  }
}
