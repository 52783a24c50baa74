package io.shardguard.lbconfigurator.core;

import io.shardguard.lbconfigurator.core.Server.Use;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What to tell the running HAProxy so that it sends new connections where they are wanted, without
 * a reload.
 *
 * @param close commands that take servers out, to be given first
 * @param open commands that let connections in
 * @param complete writes then go where they are wanted; otherwise only a reload does it
 */
public record RuntimeSwitch(List<String> close, List<String> open, boolean complete) {

  /** The difference between what runs and what is wanted. */
  public static RuntimeSwitch between(List<RunningServer> running, Routes wanted) {
    List<String> close = new ArrayList<>();
    List<String> open = new ArrayList<>();
    for (RunningServer server : running) {
      boolean serve =
          wantedAt(server, wanted).map(match -> match.use() != Use.DISABLED).orElse(false);
      if (server.open() && !serve) {
        close.add(command(server, "maint"));
      } else if (!server.open() && serve) {
        open.add(command(server, "ready"));
      }
    }
    return new RuntimeSwitch(
        List.copyOf(close), List.copyOf(open), holdsAllPrimaries(running, wanted));
  }

  /** Nothing to say. */
  public boolean isEmpty() {
    return close.isEmpty() && open.isEmpty();
  }

  private static Optional<Server> wantedAt(RunningServer server, Routes wanted) {
    return wanted.of(server.backend()).stream()
        .filter(candidate -> candidate.name().equals(server.name()) && server.isAt(candidate))
        .findFirst();
  }

  private static boolean holdsAllPrimaries(List<RunningServer> running, Routes wanted) {
    return holdsActive(Backend.WRITE, running, wanted) && holdsActive(Backend.ANY, running, wanted);
  }

  private static boolean holdsActive(Backend backend, List<RunningServer> running, Routes wanted) {
    return wanted.of(backend).stream()
        .filter(server -> server.use() == Use.ACTIVE)
        .allMatch(server ->
            running.stream()
                .anyMatch(r ->
                    r.backend() == backend && r.name().equals(server.name()) && r.isAt(server)));
  }

  private static String command(RunningServer server, String state) {
    return "set server " + server.backend().wireName() + "/" + server.name() + " state " + state;
  }
}
