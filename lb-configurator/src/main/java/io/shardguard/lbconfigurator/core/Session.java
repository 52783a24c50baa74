package io.shardguard.lbconfigurator.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A client's session in a worker process, as {@code show sess} tells it.
 *
 * @param id as {@code shutdown session} takes it
 * @param member the server that it goes to
 */
public record Session(String id, Backend backend, String member) {

  private static final Pattern LINE = Pattern.compile("(0x[0-9a-f]+): .*? be=(\\S+) srv=(\\S+) .*");

  /** Reads the answer; sessions that have no server of ours are left out. */
  public static List<Session> parse(String answer) {
    List<Session> sessions = new ArrayList<>();
    for (String line : answer.lines().toList()) {
      Matcher match = LINE.matcher(line);
      if (match.matches() && !match.group(3).equals("<none>")) {
        Optional<Backend> backend = Backend.named(match.group(2));
        backend.ifPresent(b -> sessions.add(new Session(match.group(1), b, match.group(3))));
      }
    }
    return List.copyOf(sessions);
  }
}
