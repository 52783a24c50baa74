package io.shardguard.cli.drill.fault;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Something that can go wrong with a cluster; data only. {@link FaultInjector} brings it about. */
public sealed interface Fault {

  /** What faults of this sort are counted under. */
  String kind();

  /** It goes on until it is undone. */
  boolean lasts();

  /**
   * The groups whose writes it may hold up.
   *
   * @param groups how many there are
   */
  Set<Integer> groups(int groups);

  /** Something happens to the processes of a member. */
  record OnServer(ServerFault what, Target target) implements Fault {

    @Override
    public boolean lasts() {
      return what.lasts();
    }

    @Override
    public String kind() {
      return what.words() + ", " + target.kind();
    }

    @Override
    public Set<Integer> groups(int groups) {
      return Set.of(target.group());
    }

    @Override
    public String toString() {
      return what.words() + ", " + target;
    }
  }

  /** Something happens to the process of a part of the control plane. */
  record OnPart(PartFault what, ControlPart part) implements Fault {

    @Override
    public boolean lasts() {
      return what == PartFault.FREEZE;
    }

    @Override
    public String kind() {
      return what.words() + " of " + part.programName();
    }

    @Override
    public Set<Integer> groups(int groups) {
      return all(groups);
    }

    @Override
    public String toString() {
      return kind();
    }
  }

  /** Something happens to a member's network. */
  record OnLink(LinkFault what, Target target) implements Fault {

    @Override
    public boolean lasts() {
      return true;
    }

    @Override
    public String kind() {
      return what.words() + ", " + target.kind();
    }

    @Override
    public Set<Integer> groups(int groups) {
      return Set.of(target.group());
    }

    @Override
    public String toString() {
      return what.words() + ", " + target;
    }
  }

  /** Somebody with a superuser's rights does what only the control plane should. */
  record ByHand(HandFault what, int group) implements Fault {

    @Override
    public boolean lasts() {
      return false;
    }

    @Override
    public String kind() {
      return what.words() + ", " + (group == 0 ? "coordinator" : "worker") + " group";
    }

    @Override
    public Set<Integer> groups(int groups) {
      return Set.of(group);
    }

    @Override
    public String toString() {
      return what.words() + ", group " + group;
    }
  }

  /** An operator orders a switchover: no fault, but the group changes its primary. */
  record Switchover(int group) implements Fault {

    @Override
    public boolean lasts() {
      return false;
    }

    @Override
    public String kind() {
      return "switchover by order, " + new Target(Target.Role.PRIMARY, group).kind();
    }

    @Override
    public Set<Integer> groups(int groups) {
      return Set.of(group);
    }

    @Override
    public String toString() {
      return "switchover by order, group " + group;
    }
  }

  /**
   * Somebody else breaks something meanwhile, or nothing.
   *
   * @param command for a shell, which does it; null: by hand
   */
  record Outside(String command) implements Fault {

    @Override
    public boolean lasts() {
      return true;
    }

    @Override
    public String kind() {
      return command == null ? "whatever is done by hand" : command;
    }

    @Override
    public Set<Integer> groups(int groups) {
      return all(groups);
    }

    @Override
    public String toString() {
      return kind();
    }
  }

  /** Two at once. */
  record Together(Fault first, Fault second) implements Fault {

    @Override
    public boolean lasts() {
      return first.lasts() || second.lasts();
    }

    @Override
    public String kind() {
      return "two at once";
    }

    @Override
    public Set<Integer> groups(int groups) {
      Set<Integer> both = new TreeSet<>(first.groups(groups));
      both.addAll(second.groups(groups));
      return both;
    }

    @Override
    public String toString() {
      return first + " + " + second;
    }
  }

  private static Set<Integer> all(int groups) {
    return new TreeSet<>(IntStream.range(0, groups).boxed().toList());
  }
}
