package io.shardguard.provisioner.cluster;

import io.shardguard.provisioner.member.MemberLoop;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Comparator;
import java.util.List;

/** What the provisioner knows and can be asked for over HTTP. */
@Path("/cluster")
@Produces(MediaType.APPLICATION_JSON)
public class ClusterResource {

  private final ProvisionerConfig config;
  private final Keeper keeper;

  @Inject
  ClusterResource(ProvisionerConfig config, Keeper keeper) {
    this.config = config;
    this.keeper = keeper;
  }

  /**
   * The cluster on this machine.
   *
   * @param engine which distribution functions the members run; null before the beginning
   * @param stopping the members were stopped on request, and are not started again by this process
   * @param trouble what keeps the provisioner from its work; empty if nothing does
   */
  public record ClusterState(
      String cluster,
      String engine,
      String engineVersion,
      boolean stopping,
      String trouble,
      List<MemberState> members) {}

  /**
   * One member on this machine.
   *
   * @param pid the postmaster's process id; 0 if it does not run
   * @param state what is done with it or waited for, for people
   * @param diskFull there is no room left on its disk
   */
  public record MemberState(
      int group,
      String member,
      String host,
      int port,
      boolean running,
      long pid,
      String state,
      boolean diskFull) {}

  /** The state of every member. */
  @GET
  public ClusterState state() {
    Installation installation = keeper.installation();
    return new ClusterState(
        config.cluster(),
        installation == null ? null : installation.engine().name(),
        installation == null ? null : installation.engineVersion(),
        keeper.stopping(),
        keeper.trouble(),
        keeper.loops().stream()
            .map(this::member)
            .sorted(Comparator.comparingInt(MemberState::group).thenComparing(MemberState::member))
            .toList());
  }

  /** Stops every member; answers when all have ended. */
  @POST
  @Path("/stop")
  @Blocking
  public ClusterState stop() throws InterruptedException {
    keeper.stopMembers();
    return state();
  }

  private MemberState member(MemberLoop loop) {
    long pid = keeper.pid(loop.member());
    var address = loop.member().address();
    String state = keeper.stopping() && pid == 0 ? "stopped on request" : loop.state();
    return new MemberState(
        loop.member().group(),
        address.name(),
        address.host(),
        address.port(),
        pid != 0,
        pid,
        state,
        loop.diskFull());
  }
}
