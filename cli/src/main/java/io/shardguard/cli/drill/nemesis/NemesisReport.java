package io.shardguard.cli.drill.nemesis;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What the nemesis did, and what became of it.
 *
 * @param engine what the cluster ran, in its own words
 * @param seed of the plan
 * @param transfers what a transfer was between: accounts of different groups, or of one shard
 * @param ended why it ended before its time; null if it did not
 * @param firstBad null if nothing is wrong with the data
 * @param events the file with the log
 * @param errors how often each message came to writers and tellers
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record NemesisReport(
    String cluster,
    String engine,
    long seed,
    Instant startedAt,
    long seconds,
    String transfers,
    List<FaultRecord> faults,
    Rows rows,
    TransferLedger.Audit audit,
    String ended,
    FirstBad firstBad,
    String events,
    Map<String, Integer> errors) {

  /**
   * One fault and what followed.
   *
   * @param kind what it is counted under
   * @param fault in words
   * @param members whom it hit
   * @param skipped why it could not be brought about; null if it was
   * @param undoneAt when what lasted of it was ended
   * @param outages the longest time without an acknowledged write, in milliseconds, by group that
   *     it may have held up; group 0 stands for all keys
   * @param healedMillis from {@code undoneAt} until the cluster was whole; null if it never was
   * @param inTime it was whole within the bound
   * @param problems what was not as it should be when the bound was over
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record FaultRecord(
      int number,
      String kind,
      String fault,
      List<String> members,
      String skipped,
      Instant injectedAt,
      Instant undoneAt,
      Map<Integer, Long> outages,
      Long healedMillis,
      boolean inTime,
      List<String> problems) {

    boolean injected() {
      return skipped == null;
    }

    long longestOutage() {
      return outages.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }
  }

  /**
   * What became of the rows.
   *
   * @param lost acknowledged, and not there
   * @param lostUnpromised the same, but acknowledged while {@code synchronous_standby_names} was
   *     emptied by hand
   */
  record Rows(
      int acknowledged, List<Long> lost, int lostUnpromised, List<Long> duplicated, int unknown) {

    boolean right() {
      return lost.isEmpty() && duplicated.isEmpty();
    }
  }

  /**
   * The first thing that is wrong.
   *
   * @param what in words, with the row's or the transfer's id
   * @param acknowledgedAt null if it never was
   * @param fault the last that had begun by then; null if none had
   * @param event the first of the log after that time; null if there is none
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record FirstBad(String what, Instant acknowledgedAt, String fault, String event) {}

  /** How many faults were followed by a group that was not whole in time. */
  @JsonProperty
  long notHealed() {
    return faults.stream().filter(fault -> fault.injected() && !fault.inTime()).count();
  }

  /** Nothing was lost, doubled or halved, and every group healed in time. */
  @JsonProperty
  boolean passed() {
    return rows.right() && audit.exact() && notHealed() == 0 && ended == null;
  }
}
