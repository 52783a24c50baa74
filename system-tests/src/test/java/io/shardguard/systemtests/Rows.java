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

  /**
   * Writes rows into every shard if it can; those that were acknowledged are to be there for ever.
   */
  boolean tryToWrite() throws Exception {
    List<Integer> ids = nextIds();
    boolean done = insert(ids).exitCode() == 0;
    if (done) {
      acknowledged.addAll(ids);
    }
    return done;
  }

  /** The same, but nobody promises to keep them. */
  List<Integer> writeUnpromised() throws Exception {
    List<Integer> ids = nextIds();
    Run run = insert(ids);
    assertThat(run.exitCode()).as(run.output()).isZero();
    return ids;
  }

  private List<Integer> nextIds() {
    last += AT_ONCE;
    return IntStream.range(last - AT_ONCE, last).boxed().toList();
  }

  private Run insert(List<Integer> ids) throws Exception {
    return stack.quietly(
        "sql",
        "-v",
        "ON_ERROR_STOP=1",
        "-Atc",
        "INSERT INTO remembered SELECT generate_series(%d, %d)"
            .formatted(ids.getFirst(), ids.getLast()));
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
