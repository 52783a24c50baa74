package io.shardguard.lbconfigurator.core;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * HAProxy's worker processes, as the answer to {@code show proc} tells them.
 *
 * @param current process id of the worker that takes new connections; empty if there is none
 * @param old process ids of the workers that only serve their last sessions
 * @param failedReloads failed in a row
 */
public record Workers(OptionalLong current, List<Long> old, int failedReloads) {

  private static final Pattern MASTER =
      Pattern.compile("\\d+\\s+master\\s+\\d+\\s+\\[failed:\\s*(\\d+)].*");
  private static final Pattern WORKER = Pattern.compile("(\\d+)\\s+worker\\s.*");

  /** Reads the answer; what is not understood is passed over. */
  public static Workers parse(String answer) {
    OptionalLong current = OptionalLong.empty();
    List<Long> old = new ArrayList<>();
    int failed = 0;
    boolean amongOld = false;
    for (String line : answer.lines().toList()) {
      Matcher master = MASTER.matcher(line);
      Matcher worker = WORKER.matcher(line);
      if (line.startsWith("# old workers")) {
        amongOld = true;
      } else if (master.matches()) {
        failed = Integer.parseInt(master.group(1));
      } else if (worker.matches() && (amongOld || current.isPresent())) {
        old.add(Long.parseLong(worker.group(1)));
      } else if (worker.matches()) {
        current = OptionalLong.of(Long.parseLong(worker.group(1)));
      }
    }
    return new Workers(current, List.copyOf(old), failed);
  }

  /** Every worker, the current one first. */
  public List<Long> all() {
    List<Long> all = new ArrayList<>();
    current.ifPresent(all::add);
    all.addAll(old);
    return all;
  }
}
