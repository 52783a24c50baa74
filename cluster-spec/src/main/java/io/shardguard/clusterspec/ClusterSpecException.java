package io.shardguard.clusterspec;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** cluster.yaml is not what it should be; the message has every error on a line of its own. */
public final class ClusterSpecException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  /**
   * One error.
   *
   * @param file the file that was read
   * @param line where, from 1; 0 if the whole file is meant
   * @param what what is wrong
   * @param remedy what to change
   */
  public record Problem(Path file, int line, String what, String remedy) {

    /** As {@code file:line: what. remedy}. */
    @Override
    public String toString() {
      return file + (line > 0 ? ":" + line : "") + ": " + what + ". " + remedy;
    }
  }

  ClusterSpecException(List<Problem> problems) {
    super(
        problems.stream().sorted(BY_LINE).map(Problem::toString).collect(Collectors.joining("\n")));
    this.problems = problems.stream().sorted(BY_LINE).toList();
  }

  private static final Comparator<Problem> BY_LINE = Comparator.comparingInt(Problem::line);

  /** Every error, in the order of the lines. */
  public List<Problem> problems() {
    return problems;
  }
}
