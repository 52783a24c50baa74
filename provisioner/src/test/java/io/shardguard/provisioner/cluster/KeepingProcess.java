package io.shardguard.provisioner.cluster;

import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.ClusterSpecReader;
import io.shardguard.clusterspec.MemberNetwork;
import io.shardguard.events.Event;
import io.shardguard.events.EventCodec;
import io.shardguard.events.GroupTopology;
import io.shardguard.events.ProvisionerEvent.MemberExited;
import io.shardguard.events.ProvisionerEvent.RejoinMethod;
import io.shardguard.failpoints.Failpoints;
import io.shardguard.provisioner.member.MemberLoop;
import io.shardguard.provisioner.member.MemberReports;
import io.shardguard.provisioner.member.MemberSql;
import io.shardguard.provisioner.member.MemberWorks;
import io.shardguard.provisioner.member.NewestTopology;
import io.shardguard.provisioner.member.RogueCheck;
import io.shardguard.provisioner.member.Secrets;
import io.shardguard.provisioner.member.TestMember;
import io.shardguard.provisioner.runtime.LocalRuntime;
import io.shardguard.provisioner.runtime.Member;
import io.shardguard.provisioner.runtime.MemberFiles;
import io.shardguard.provisioner.runtime.MemberNamespaces;
import io.shardguard.provisioner.runtime.ServerUser;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The provisioner's loops and fence in a process of their own, which tests may kill and stop. The
 * log's place is taken by files of the state directory: {@code topology.json} is the newest state
 * of the group 1, events are appended to {@code events.txt}, and what the loops say of their
 * members to {@code states.txt}.
 */
public final class KeepingProcess {

  private static final long COPY_UP_TO = 1L << 30;
  private static final long POLL_MILLIS = 50;

  private final Path state;
  private final Map<String, MemberLoop> loops = new HashMap<>();
  private final Map<String, String> states = new HashMap<>();
  private volatile GroupTopology known;

  private KeepingProcess(Path state) {
    this.state = state;
  }

  /** Arguments: the state directory, the port base. Runs until it is killed. */
  public static void main(String[] arguments) throws Exception {
    Path state = Path.of(arguments[0]);
    ClusterSpec spec =
        ClusterSpecReader.read(
            state.resolve("cluster.yaml"), Integer.parseInt(arguments[1]), MemberNetwork.LOOPBACK);
    new KeepingProcess(state).keep(spec);
  }

  private void keep(ClusterSpec spec) throws Exception {
    ServerUser user = new ServerUser();
    user.directory(state.resolve("members"));
    Secrets secrets = new Secrets(state.resolve("secrets"));
    Failpoints failpoints = Failpoints.in(Optional.of(state.resolve("failpoints")));
    MemberReports reports = new Reports();
    NewestTopology newest = group -> Optional.ofNullable(topology());
    MemberSql sql = new MemberSql(Vertx.vertx(), secrets.directory());
    LocalRuntime runtime =
        new LocalRuntime(
            state.resolve("members"),
            TestMember.BIN,
            secrets.passwordFile(),
            user,
            new MemberNamespaces(Optional.empty()));
    runtime.onExit((member, reason) -> {
      reports.publish(new MemberExited(member.group(), member.name(), reason));
      loops.get(member.name()).exited();
    });
    Fence fence =
        new Fence(
            name -> Optional.ofNullable(loops.get(name)).map(MemberLoop::member),
            runtime,
            reports,
            newest,
            new RogueCheck(sql, newest),
            InstantSource.system(),
            new Fence.Aftermath() {
              @Override
              public void rogue(Member member) throws IOException {
                loops.get(member.name()).rogue();
              }

              @Override
              public void fenced(Member member) {
                loops.get(member.name()).fenced();
              }
            },
            failpoints);
    MemberWorks works =
        new MemberWorks(
            spec,
            MemberNetwork.LOOPBACK,
            TestMember.BIN,
            TestMember.BIN.getParent().getFileName().toString(),
            false,
            runtime,
            sql,
            secrets,
            reports,
            group -> known,
            newest,
            COPY_UP_TO,
            failpoints);
    List<Member> members =
        spec.group(1).orElseThrow().members().stream()
            .map(address ->
                new Member(
                    1, address, new MemberFiles(state.resolve("members").resolve(address.name()))))
            .toList();
    for (Member member : members) {
      loops.put(member.name(), new MemberLoop(works, member, members, fence));
    }
    known = topology();
    for (MemberLoop loop : loops.values()) {
      loop.takeOver();
    }
    if (known != null) {
      fence.heed(known, Instant.now());
    }
    loops.values().forEach(loop -> Thread.ofPlatform().start(loop));
    follow(fence);
  }

  private void follow(Fence fence) throws InterruptedException {
    while (true) {
      GroupTopology newest = topology();
      if (newest != null && !newest.equals(known)) {
        known = newest;
        fence.heed(newest, Instant.now());
        loops.values().forEach(MemberLoop::wake);
      }
      for (MemberLoop loop : loops.values()) {
        String name = loop.member().name();
        String said = loop.state();
        if (!said.equals(states.put(name, said))) {
          append("states.txt", name + " " + said);
        }
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private GroupTopology topology() {
    try {
      return new EventCodec().readTopology(Files.readAllBytes(state.resolve("topology.json")));
    } catch (NoSuchFileException nothingDecided) {
      return null;
    } catch (IOException | EventCodec.UnreadableException e) {
      throw new IllegalStateException(e);
    }
  }

  private void append(String file, String line) {
    try {
      Files.writeString(
          state.resolve(file), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class Reports implements MemberReports {
    @Override
    public synchronized void publish(Event event) {
      append("events.txt", event.toString());
    }

    @Override
    public void rejoined(RejoinMethod method) {}
  }
}
