package io.shardguard.cli.drill.fault;

import io.shardguard.cli.drill.fault.Target.Role;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Which fault comes when: all of it from a seed, whatever the cluster makes of it. */
public final class FaultPlan {

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;
  private static final int SHORTEST_MILLIS = 500;
  private static final int LONGEST_MILLIS = 14_000;

  /** What is over at once needs no time but until it is noticed. */
  private static final int TO_BE_NOTICED_MILLIS = 3_000;

  private final long seed;
  private final Room room;

  /**
   * Within what the plan is made.
   *
   * @param workers how many worker groups there are, at least 1
   * @param standbys how many the group has that has the most, at least 1
   * @param links what can happen to members' networks; empty where they share one
   * @param longestPause between the healing of one fault and the next
   */
  public record Room(int workers, int standbys, List<LinkFault> links, Duration longestPause) {

    public Room {
      links = List.copyOf(links);
    }
  }

  /**
   * One fault of the plan.
   *
   * @param number from 1
   * @param pause before it
   * @param hold until it is undone
   */
  public record Step(int number, Duration pause, Fault fault, Duration hold) {

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%3d. after %4.1f s: %s, for %4.1f s",
          number,
          pause.toMillis() / 1e3,
          fault,
          hold.toMillis() / 1e3);
    }
  }

  /** What is drawn first, each as often as its weight says. */
  private enum Choice {
    SERVER(50),
    PART(20),
    BY_HAND(8),
    TWO(16),
    WHOLE_GROUP(4),
    LINK(24);

    private final int weight;

    Choice(int weight) {
      this.weight = weight;
    }
  }

  public FaultPlan(long seed, Room room) {
    this.seed = seed;
    this.room = room;
  }

  /** A step, by its number; each can be had without those before it. */
  public Step step(int number) {
    RandomGenerator random = new SplittableRandom(seed + number * GOLDEN);
    Duration pause = Duration.ofMillis(random.nextLong(room.longestPause().toMillis() + 1));
    int hold = random.nextInt(SHORTEST_MILLIS, LONGEST_MILLIS);
    Fault fault = fault(random);
    return new Step(
        number,
        pause,
        fault,
        Duration.ofMillis(fault.lasts() ? hold : Math.min(hold, TO_BE_NOTICED_MILLIS)));
  }

  private Fault fault(RandomGenerator random) {
    return switch (choice(random)) {
      case SERVER -> server(random, group(random));
      case PART -> part(random);
      case BY_HAND -> new Fault.ByHand(any(random, HandFault.values()), group(random));
      case TWO -> two(random);
      case WHOLE_GROUP -> wholeGroup(group(random));
      case LINK ->
          new Fault.OnLink(
              any(random, room.links().toArray(LinkFault[]::new)), target(random, group(random)));
    };
  }

  private Choice choice(RandomGenerator random) {
    Choice[] choices =
        Arrays.stream(Choice.values())
            .filter(choice -> !room.links().isEmpty() || choice != Choice.LINK)
            .toArray(Choice[]::new);
    int drawn = random.nextInt(Arrays.stream(choices).mapToInt(choice -> choice.weight).sum());
    for (Choice choice : choices) {
      drawn -= choice.weight;
      if (drawn < 0) {
        return choice;
      }
    }
    throw new AssertionError("the weights are those that were summed up");
  }

  /**
   * In two groups, or a primary and a part of the control plane: a quorum of each group is left.
   */
  private Fault two(RandomGenerator random) {
    int group = group(random);
    if (random.nextBoolean()) {
      return new Fault.Together(
          new Fault.OnServer(any(random, ServerFault.values()), new Target(Role.PRIMARY, group)),
          part(random));
    }
    int other = (group + 1 + random.nextInt(room.workers())) % (room.workers() + 1);
    return new Fault.Together(server(random, group), server(random, other));
  }

  /** The data survive: the group is to wait, and to go on by itself. */
  private static Fault wholeGroup(int group) {
    return new Fault.Together(
        new Fault.OnServer(ServerFault.KILL_ALL, new Target(Role.PRIMARY, group)),
        new Fault.OnServer(ServerFault.KILL_ALL, new Target(Role.STANDBY, group)));
  }

  private Fault server(RandomGenerator random, int group) {
    return new Fault.OnServer(any(random, ServerFault.values()), target(random, group));
  }

  /** Only the two that act are frozen: the others' silence is shown by their deaths. */
  private static Fault part(RandomGenerator random) {
    if (random.nextInt(3) == 0) {
      return new Fault.OnPart(
          PartFault.FREEZE,
          random.nextBoolean() ? ControlPart.FAILOVER_COORDINATOR : ControlPart.PROVISIONER);
    }
    return new Fault.OnPart(PartFault.KILL, any(random, ControlPart.values()));
  }

  private Target target(RandomGenerator random, int group) {
    return random.nextInt(3) == 0
        ? new Target(Role.STANDBY, group, random.nextInt(room.standbys()))
        : new Target(Role.PRIMARY, group);
  }

  private int group(RandomGenerator random) {
    return random.nextInt(room.workers() + 1);
  }

  private static <T> T any(RandomGenerator random, T[] choices) {
    return choices[random.nextInt(choices.length)];
  }
}
