package io.shardguard.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
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
    stack.asApp("CREATE TABLE remembered (id int PRIMARY KEY)");
    stack.asApp("SELECT create_distributed_table('remembered', 'id')");
  }

  /** Writes rows into every shard; all of them were acknowledged, and are to be there for ever. */
  void write() throws Exception {
    acknowledged.addAll(writeUnpromised());
  }

  /** Writes if it can; rows that were acknowledged are to be there for ever. */
  boolean tryToWrite() throws Exception {
    try {
      write();
      return true;
    } catch (SQLException notAcknowledged) {
      return false;
    }
  }

  /** The same as {@link #write}, but nobody promises to keep them. */
  List<Integer> writeUnpromised() throws Exception {
    List<Integer> ids = IntStream.range(last, last + AT_ONCE).boxed().toList();
    last += AT_ONCE;
    String insert = "INSERT INTO remembered SELECT generate_series(%d, %d)";
    stack.asApp(insert.formatted(ids.getFirst(), ids.getLast()));
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
    stack.asApp(
        "DELETE FROM remembered WHERE id BETWEEN %d AND %d"
            .formatted(ids.getFirst(), ids.getLast()));
  }

  private Set<Integer> present() throws Exception {
    AtomicReference<List<String>> answer = new AtomicReference<>();
    Awaitility.await()
        .atMost(GENEROUS)
        .ignoreExceptionsInstanceOf(SQLException.class)
        .untilAsserted(() -> answer.set(stack.asApp("SELECT id FROM remembered")));
    return answer.get().stream()
        .map(Integer::valueOf)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
