package io.shardguard.simulator;

import static io.shardguard.simulator.Agenda.SECOND;

import io.shardguard.events.GroupTopology;
import io.shardguard.simulator.Fault.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A story in lines of {@code given}, {@code when}, {@code then} and {@code and}, run against the
 * simulator. The words are in docs/simulator.md.
 *
 * @param title one sentence
 * @param lines the story
 */
public record Scenario(String title, List<String> lines) {

  private static final Pattern GIVEN =
      Pattern.compile(
          "given (\\d+) groups of (\\d+) members(?:, (\\d+) observers)?(, a remote provisioner)?"
              + "(, a loopback network)?");
  private static final Pattern LASTING = Pattern.compile("(.*?) for ([\\d.]+) s");
  private static final Pattern PASS = Pattern.compile("([\\d.]+) s pass");
  private static final Pattern WITHIN = Pattern.compile("(.*) within ([\\d.]+) s");
  private static final Pattern DURING = Pattern.compile("(.*) for ([\\d.]+) s");
  private static final Pattern PRIMARY = Pattern.compile("(\\S+) is primary of group (\\d+)");
  private static final Pattern REFUSED =
      Pattern.compile("group (\\d+) is refused a primary: (\\S+)");
  private static final Pattern ELIGIBLE = Pattern.compile("(\\S+) is eligible");
  private static final Pattern NOT_ELIGIBLE = Pattern.compile("(\\S+) is not eligible");
  private static final Pattern NOBODY = Pattern.compile("nobody is eligible in group (\\d+)");
  private static final Pattern WRITES = Pattern.compile("group (\\d+) takes writes");
  private static final Pattern NO_WRITES = Pattern.compile("group (\\d+) takes no writes");
  private static final Pattern SAID = Pattern.compile("somebody says (\\S+)");

  /** The scenarios of a file: a line {@code scenario: TITLE} begins each, # begins a comment. */
  public static List<Scenario> parse(List<String> text) {
    List<Scenario> all = new ArrayList<>();
    for (String raw : text) {
      String line = raw.replaceFirst("#.*", "").strip();
      if (line.startsWith("scenario: ")) {
        all.add(new Scenario(line.substring("scenario: ".length()), new ArrayList<>()));
      } else if (!line.isEmpty()) {
        if (all.isEmpty()) {
          throw new IllegalArgumentException("before the first scenario: '" + line + "'");
        }
        all.getLast().lines.add(line);
      }
    }
    return List.copyOf(all);
  }

  /**
   * Runs.
   *
   * @return what did not hold; empty if all did
   * @throws IllegalArgumentException if a line is not understood
   */
  public Optional<Violation> run(long seed, Transcript transcript) {
    return new Run(seed, transcript).run();
  }

  @Override
  public String toString() {
    return title;
  }

  /** One run of it. */
  private final class Run {

    private final long seed;
    private final Transcript transcript;
    private World world;
    private Faults faults;

    Run(long seed, Transcript transcript) {
      this.seed = seed;
      this.transcript = transcript;
    }

    Optional<Violation> run() {
      try {
        String word = "";
        for (String line : lines) {
          String[] parts = line.split(" ", 2);
          word = parts[0].equals("and") ? word : parts[0];
          step(word, parts[1], line);
        }
        return Optional.empty();
      } catch (Violation broken) {
        world.say("violation", broken::getMessage);
        return Optional.of(broken);
      }
    }

    private void step(String word, String rest, String line) {
      switch (word) {
        case "given" -> given(line);
        case "when" -> when(rest);
        case "then" -> then(rest);
        default -> throw new IllegalArgumentException(title + ": not understood: '" + line + "'");
      }
    }

    private void given(String line) {
      Matcher m = match(GIVEN, line);
      Shape shape =
          new Shape(
              Integer.parseInt(m.group(1)),
              Integer.parseInt(m.group(2)),
              m.group(3) == null ? 1 : Integer.parseInt(m.group(3)),
              m.group(4) != null,
              m.group(5) != null);
      world = new World(seed, shape, Conduct.GOOD, transcript);
      faults = new Faults(world);
      world.start();
      await("the cluster is formed", 60, () -> world.checks.notWhole() == null);
    }

    private void when(String what) {
      Matcher pass = PASS.matcher(what);
      if (pass.matches()) {
        world.run(seconds(pass.group(1)));
        return;
      }
      Matcher lasting = LASTING.matcher(what);
      boolean lasts = lasting.matches();
      long millis = lasts ? seconds(lasting.group(2)) / 1000 : 0;
      faults.begin(fault(lasts ? lasting.group(1) : what, millis));
    }

    private Fault fault(String what, long millis) {
      for (Kind kind : Kind.values()) {
        Optional<String> target = kind.target(what);
        if (target.isPresent() && fits(kind, target.get())) {
          return new Fault(kind, target.get(), world.agenda.elapsed() / 1000, millis);
        }
      }
      throw new IllegalArgumentException(title + ": no such fault: '" + what + "'");
    }

    private boolean fits(Kind kind, String target) {
      boolean member = world.member(target) != null;
      return switch (kind) {
        case CRASH, HANG -> member;
        case KILL, FREEZE, AWAY -> !member && !target.equals("Kafka");
        default -> true;
      };
    }

    private void then(String what) {
      Matcher within = WITHIN.matcher(what);
      Matcher during = DURING.matcher(what);
      if (within.matches()) {
        await(what, seconds(within.group(2)) / SECOND, condition(within.group(1)));
      } else if (during.matches()) {
        hold(what, seconds(during.group(2)), condition(during.group(1)));
      } else {
        throw new IllegalArgumentException(
            title + ": say 'within N s' or 'for N s': '" + what + "'");
      }
    }

    private void await(String what, long within, BooleanSupplier condition) {
      long giveUpAt = world.agenda.now() + within * SECOND;
      while (!condition.getAsBoolean()) {
        if (world.agenda.now() > giveUpAt) {
          throw new Violation("it was expected that", what + "; " + world.checks.notWhole());
        }
        world.run(SECOND / 20);
      }
    }

    private void hold(String what, long lasting, BooleanSupplier condition) {
      long end = world.agenda.now() + lasting;
      while (world.agenda.now() < end) {
        if (!condition.getAsBoolean()) {
          throw new Violation("it was expected that", what + "; " + world.checks.notWhole());
        }
        world.run(SECOND / 4);
      }
    }

    private BooleanSupplier condition(String what) {
      Matcher m;
      if (what.equals("the cluster is whole")) {
        return () -> world.checks.notWhole() == null && !faults.active();
      } else if (what.equals("nobody is replaced")) {
        int before = world.checks.failovers();
        return () -> world.checks.failovers() == before;
      } else if ((m = PRIMARY.matcher(what)).matches()) {
        String member = m.group(1);
        int id = Integer.parseInt(m.group(2));
        return () ->
            group(id).writable().filter(primary -> primary.name().equals(member)).isPresent();
      } else if ((m = REFUSED.matcher(what)).matches()) {
        int id = Integer.parseInt(m.group(1));
        String refusal = m.group(2);
        return () -> String.valueOf(group(id).refusal()).equals(refusal);
      } else if ((m = NOT_ELIGIBLE.matcher(what)).matches()) {
        String member = m.group(1);
        return () -> !groupOf(member).quorum().contains(member);
      } else if ((m = ELIGIBLE.matcher(what)).matches()) {
        String member = m.group(1);
        return () -> groupOf(member).eligible().contains(member);
      } else if ((m = NOBODY.matcher(what)).matches()) {
        int id = Integer.parseInt(m.group(1));
        return () -> group(id).eligible().isEmpty();
      } else if ((m = WRITES.matcher(what)).matches()) {
        int id = Integer.parseInt(m.group(1));
        long from = world.agenda.now();
        return () -> world.clients.acknowledgedAt(id) > from;
      } else if ((m = NO_WRITES.matcher(what)).matches()) {
        int id = Integer.parseInt(m.group(1));
        long from = world.agenda.now();
        return () -> world.clients.acknowledgedAt(id) <= from;
      } else if ((m = SAID.matcher(what)).matches()) {
        String event = m.group(1);
        int from = world.kafka.rows().size();
        return () -> said(event, from);
      }
      throw new IllegalArgumentException(title + ": not understood: '" + what + "'");
    }

    private boolean said(String event, int from) {
      List<Kafka.Row> rows = world.kafka.rows();
      return rows.subList(from, rows.size()).stream()
          .anyMatch(row -> row.value().getClass().getSimpleName().equals(event));
    }

    private GroupTopology group(int id) {
      return world.kafka.newest().get(id);
    }

    private GroupTopology groupOf(String member) {
      return group(world.member(member).group);
    }

    private Matcher match(Pattern pattern, String line) {
      Matcher matcher = pattern.matcher(line);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(title + ": not understood: '" + line + "'");
      }
      return matcher;
    }

    private static long seconds(String text) {
      return (long) (Double.parseDouble(text) * SECOND);
    }
  }
}
