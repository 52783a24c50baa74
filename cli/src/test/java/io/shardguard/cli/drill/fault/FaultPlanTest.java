package io.shardguard.cli.drill.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardguard.cli.drill.fault.FaultPlan.Room;
import io.shardguard.cli.drill.fault.FaultPlan.Step;
import io.shardguard.cli.drill.fault.Target.Role;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FaultPlanTest {

  private static final int STEPS = 2000;

  @Test
  void theSameSeedMakesTheSamePlan() {
    assertThat(steps(7, true)).isEqualTo(steps(7, true)).isNotEqualTo(steps(8, true));
  }

  @Test
  void aStepNeedsNoneOfThoseBeforeIt() {
    assertThat(plan(7, true).step(40)).isEqualTo(steps(7, true).get(39));
  }

  @Test
  void linksAreLeftAloneWhereMembersShareOneNetwork() {
    assertThat(steps(7, false)).noneMatch(step -> step.fault() instanceof Fault.OnLink);
    assertThat(steps(7, true)).anyMatch(step -> step.fault() instanceof Fault.OnLink);
  }

  @Test
  void onlyWhatCanHappenToLinksIsPlanned() {
    List<LinkFault> possible = List.of(LinkFault.CUT_FROM_EVERYBODY, LinkFault.LOSSY);
    FaultPlan plan = plan(7, possible);
    assertThat(IntStream.rangeClosed(1, STEPS).mapToObj(plan::step).map(Step::fault))
        .filteredOn(Fault.OnLink.class::isInstance)
        .extracting(fault -> ((Fault.OnLink) fault).what())
        .hasSizeGreaterThan(10)
        .allMatch(possible::contains)
        .contains(LinkFault.CUT_FROM_EVERYBODY, LinkFault.LOSSY);
  }

  @Test
  void whatAHandDoesIsNeverCombinedWithAnythingElse() {
    assertThat(pairs())
        .noneMatch(both -> both.first() instanceof Fault.ByHand)
        .noneMatch(both -> both.second() instanceof Fault.ByHand);
  }

  @Test
  void twoServersOfOneGroupAreOnlyEverKilledWithTheirDataLeft() {
    assertThat(pairs())
        .filteredOn(both -> group(both.first()) == group(both.second()))
        .isNotEmpty()
        .allSatisfy(both ->
            assertThat(both)
                .isEqualTo(
                    new Fault.Together(
                        killed(Role.PRIMARY, group(both.first())),
                        killed(Role.STANDBY, group(both.first())))));
  }

  @Test
  void everyGroupAndEveryKindIsMetInTheEnd() {
    assertThat(steps(7, true)).flatMap(step -> step.fault().groups(4)).contains(0, 1, 2, 3);
    for (ServerFault what : ServerFault.values()) {
      assertThat(steps(7, true))
          .anyMatch(step -> step.fault() instanceof Fault.OnServer f && f.what() == what);
    }
  }

  @Test
  void everyStandbyIsMetInTheEnd() {
    assertThat(steps(7, true))
        .extracting(Step::fault)
        .filteredOn(Fault.OnServer.class::isInstance)
        .extracting(fault -> ((Fault.OnServer) fault).target())
        .filteredOn(target -> target.role() == Role.STANDBY)
        .extracting(Target::which)
        .contains(0, 1);
  }

  @Test
  void whatIsOverAtOnceIsNotHeldForLong() {
    assertThat(steps(7, true))
        .filteredOn(step -> !step.fault().lasts())
        .allMatch(step -> step.hold().compareTo(Duration.ofSeconds(3)) <= 0);
  }

  private static Fault killed(Role role, int group) {
    return new Fault.OnServer(ServerFault.KILL_ALL, new Target(role, group));
  }

  /** A part of the control plane has no group. */
  private static int group(Fault fault) {
    return fault instanceof Fault.OnServer f ? f.target().group() : -1;
  }

  private static List<Fault.Together> pairs() {
    return steps(7, true).stream()
        .map(Step::fault)
        .filter(Fault.Together.class::isInstance)
        .map(Fault.Together.class::cast)
        .toList();
  }

  private static List<Step> steps(long seed, boolean links) {
    return IntStream.rangeClosed(1, STEPS).mapToObj(plan(seed, links)::step).toList();
  }

  private static FaultPlan plan(long seed, boolean links) {
    return plan(seed, links ? List.of(LinkFault.values()) : List.of());
  }

  private static FaultPlan plan(long seed, List<LinkFault> links) {
    return new FaultPlan(seed, new Room(3, 2, links, Duration.ofSeconds(3)));
  }
}
