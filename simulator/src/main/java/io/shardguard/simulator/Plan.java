package io.shardguard.simulator;

import io.shardguard.simulator.Fault.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** The faults of a random schedule. */
final class Plan {

  private static final long FIRST = 20_000;
  private static final long LAST = 480_000;
  private static final List<String> AFTER =
      List.of(
          "TransitionStarted",
          "StandbySealed",
          "PromotionStarted",
          "StandbyPromoted",
          "OldPrimaryEnded",
          "MetadataUpdated",
          "AttachStarted",
          "SynchronousArmed",
          "StandbyAttached",
          "StandbyDetached",
          "BarringStarted");

  /** Switchovers come on top: see {@link #switchovers}. */
  private static final List<Kind> FAULTS =
      Arrays.stream(Kind.values()).filter(kind -> !kind.isSwitchover()).toList();

  private final Chance chance;
  private final Shape shape;
  private final List<String> members = new ArrayList<>();
  private final List<String> parts =
      new ArrayList<>(
          List.of("owner", "failover-1", "failover-2", "provisioner", "lb-configurator"));

  private final List<Kind> kinds;

  private Plan(Chance chance, Shape shape, List<Kind> kinds) {
    this.kinds = kinds;
    this.chance = chance;
    this.shape = shape;
    for (int group = 0; group < shape.groups(); group++) {
      for (int i = 0; i < shape.members(); i++) {
        members.add((group == 0 ? "coordinator-" : "worker-" + group) + (char) ('a' + i));
      }
    }
    for (int i = 1; i <= shape.observers(); i++) {
      parts.add("monitor-" + i);
    }
  }

  /** Faults of all kinds. */
  static List<Fault> of(Chance chance, Shape shape) {
    return new Plan(chance, shape, List.of()).faults();
  }

  /** Faults of these kinds alone. */
  static List<Fault> of(Chance chance, Shape shape, List<Kind> kinds) {
    return new Plan(chance, shape, kinds).faults();
  }

  /** What operators order in any weather: now and then while something else goes wrong. */
  private List<Fault> switchovers(List<Fault> among) {
    List<Fault> orders = new ArrayList<>();
    while (orders.size() < 3 && chance.oneIn(3)) {
      long at =
          chance.oneIn(2)
              ? chance.between(FIRST, LAST)
              : Math.max(FIRST, chance.of(among).at() + chance.between(-3_000, 3_000));
      orders.add(
          chance.oneIn(2)
              ? new Fault(Kind.SWITCHOVER, group(), at, 0)
              : new Fault(Kind.SWITCHOVER_TO, chance.of(members), at, 0));
    }
    return orders;
  }

  private String group() {
    return Long.toString(chance.between(0, shape.groups()));
  }

  private List<Fault> faults() {
    int many = (int) chance.between(1, 8);
    List<Fault> faults = new ArrayList<>();
    long at = chance.between(FIRST, FIRST + 60_000);
    while (faults.size() < many && at < LAST) {
      faults.add(fault(at));
      // Every other one comes while the one before is still being dealt with.
      at += chance.oneIn(2) ? chance.between(0, 6_000) : chance.between(10_000, 120_000);
    }
    if (kinds.isEmpty()) {
      faults.addAll(switchovers(List.copyOf(faults)));
    }
    faults.sort(Comparator.comparingLong(Fault::at));
    return List.copyOf(faults);
  }

  private Fault fault(long at) {
    Kind kind = kind();
    return switch (kind) {
      case CRASH, HAND_PROMOTION, HAND_SETTING -> new Fault(kind, chance.of(members), at, 0);
      case HANG,
          DISK_FULL,
          CUT,
          CUT_IN,
          CUT_OUT,
          CUT_FROM_GROUP,
          CUT_FROM_CONTROL,
          SLOW,
          MAINTENANCE,
          UNSEEN ->
          new Fault(kind, chance.of(members), at, lasting());
      case KILL -> new Fault(kind, chance.of(parts), at, 0);
      case AWAY, FREEZE -> new Fault(kind, chance.of(parts), at, lasting());
      case BLIND ->
          new Fault(
              kind,
              chance.oneIn(2) ? "owner" : "monitor-" + chance.between(1, shape.observers() + 1),
              at,
              lasting());
      case DECIDERS_AWAY -> new Fault(kind, "", at, lasting());
      case OWNER_FREEZES_AFTER -> new Fault(kind, chance.of(AFTER), at, lasting());
      case LOGLESS -> new Fault(kind, chance.of(parts), at, lasting());
      case KAFKA_AWAY, ALL_PRIMARIES, ALL_MEMBERS ->
          new Fault(kind, "", at, kind == Kind.KAFKA_AWAY ? lasting() : 0);
      case PAUSE, FORCE ->
          new Fault(
              kind,
              Long.toString(chance.between(0, shape.groups())),
              at,
              kind == Kind.PAUSE ? lasting() : 0);
      case OWNER_DIES_AFTER -> new Fault(kind, chance.of(AFTER), at, 0);
      case SWITCHOVER -> new Fault(kind, group(), at, 0);
      case SWITCHOVER_TO -> new Fault(kind, chance.of(members), at, 0);
    };
  }

  private Kind kind() {
    if (!kinds.isEmpty()) {
      return chance.of(kinds);
    }
    List<Kind> often =
        List.of(
            Kind.CRASH,
            Kind.HANG,
            Kind.CUT,
            Kind.KILL,
            Kind.FREEZE,
            Kind.OWNER_DIES_AFTER,
            Kind.OWNER_FREEZES_AFTER);
    return chance.of(chance.oneIn(2) ? often : FAULTS);
  }

  private long lasting() {
    return switch ((int) chance.between(0, 4)) {
      case 0 -> chance.between(200, 3_000);
      case 1, 2 -> chance.between(3_000, 15_000);
      default -> chance.between(15_000, 60_000);
    };
  }
}
