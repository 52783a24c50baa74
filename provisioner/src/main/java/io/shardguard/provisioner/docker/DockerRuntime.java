package io.shardguard.provisioner.docker;

import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.HostConfig;
import io.shardguard.provisioner.core.AutoConf;
import io.shardguard.provisioner.core.Upstream;
import io.shardguard.provisioner.docker.DockerEngine.State;
import io.shardguard.provisioner.runtime.Member;
import io.shardguard.provisioner.runtime.MemberFiles;
import io.shardguard.provisioner.runtime.MemberRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/**
 * Members as containers of one engine, each with a volume of its own. They outlive this process;
 * the next one adopts them. The engine never starts one by itself, and its entry point makes every
 * start the start of a standby. Volumes are made, and never removed.
 */
final class DockerRuntime implements MemberRuntime {

  private static final Duration POLL = Duration.ofMillis(20);
  private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);
  private static final Duration QUIT_PATIENCE = Duration.ofSeconds(5);

  private final DockerEngine engine;
  private final DockerPlace place;
  private final Path passwords;
  private final DiskContainer disks;
  private final EngineWatch watch;
  private final Map<String, Running> running = new ConcurrentHashMap<>();
  private final Set<String> cleared = ConcurrentHashMap.newKeySet();
  private final Map<String, ReentrantLock> turns = new ConcurrentHashMap<>();

  /** What of this process is on the members' volumes, by its place there. */
  private final Map<Path, String> secrets = new ConcurrentHashMap<>();

  private final ExecutorService threads =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("member-end-", 0).factory());
  private volatile ExitListener listener = (member, reason) -> {};
  private final Set<String> elsewhere;
  private volatile boolean open;
  private volatile String notOpen = "the Docker engine has not answered yet";
  private volatile boolean closed;

  private record Running(Member member, long pid, AtomicBoolean reported) {

    Running(Member member, long pid) {
      this(member, pid, new AtomicBoolean());
    }
  }

  /**
   * Members on one engine; nothing is done with it before {@link #open}.
   *
   * @param here the names of the members that are on this engine
   * @param elsewhere the names of the cluster's other members
   * @param passwords libpq's password file
   */
  DockerRuntime(
      DockerEngine engine,
      DockerPlace place,
      List<String> here,
      Collection<String> elsewhere,
      Path passwords) {
    this.engine = engine;
    this.place = place;
    this.elsewhere = Set.copyOf(elsewhere);
    this.passwords = passwords;
    this.disks = new DiskContainer(engine, place, here);
    this.watch = new EngineWatch(engine, place.labels(), new Ends());
  }

  /**
   * Looks whether the engine has what is needed, and makes the volumes of members that have none.
   * Does nothing when it has succeeded before.
   *
   * @throws IOException if the engine cannot be reached: to be tried again
   * @throws IllegalStateException if the image is missing, or a volume is another cluster's, or one
   *     of a member that should be elsewhere; the message says what to do
   */
  synchronized void open() throws IOException, InterruptedException {
    if (open) {
      return;
    }
    try {
      makeReady();
    } catch (IOException | RuntimeException e) {
      notOpen = String.valueOf(e.getMessage());
      throw e;
    }
    open = true;
    Thread.ofPlatform().daemon().name("docker-watch").start(watch);
  }

  private void makeReady() throws IOException, InterruptedException {
    engine.requireVersion();
    engine.imageId(place.image());
    for (String left : engine.containers(place.labels("look"))) {
      engine.remove(left);
    }
    requireNobodyElse();
    disks.prepare();
  }

  /** A member whose data are on two engines would have two lives. */
  private void requireNobodyElse() throws IOException, InterruptedException {
    for (String member : elsewhere) {
      var labels = engine.volume(place.name(member));
      if (labels.isPresent() && disks.isOf(member, labels.get())) {
        throw new IllegalStateException(
            "the volume "
                + place.name(member)
                + " is on the Docker engine at "
                + engine.host()
                + ", and the declaration has "
                + member
                + " on another: name this engine for the member in cluster.yaml, or remove the"
                + " volume if its data are of no more use");
      }
    }
  }

  /** Whether the engine was reached, and had what is needed. */
  boolean isOpen() {
    return open;
  }

  /** How the engine is called in messages. */
  String host() {
    return engine.host();
  }

  @Override
  public void onExit(ExitListener exitListener) {
    this.listener = exitListener;
  }

  @Override
  public OptionalLong adopt(Member member) throws IOException {
    return inTurn(
        member,
        () -> {
          if (running.containsKey(member.name())) {
            return pid(member);
          }
          if (cleared.add(member.name())) {
            for (String left : engine.containers(form(member).labels("work"))) {
              engine.remove(left);
            }
          }
          Optional<State> state = ours(member).filter(State::running);
          state.ifPresent(runs -> running.put(member.name(), new Running(member, runs.pid())));
          return state.map(runs -> OptionalLong.of(runs.pid())).orElse(OptionalLong.empty());
        });
  }

  @Override
  public long start(Member member, Optional<Upstream> upstream) throws IOException {
    return inTurn(
        member,
        () -> {
          Optional<State> before = ours(member);
          if (before.filter(State::running).isPresent()) {
            running.computeIfAbsent(member.name(), name -> new Running(member, before.get().pid()));
            return before.get().pid();
          }
          Running ended = running.get(member.name());
          if (ended != null) {
            threads.execute(() -> report(ended, before));
            running.remove(member.name(), ended);
          }
          prepare(member, upstream, before);
          return launch(member);
        });
  }

  /** What the entry point finds; and a container in today's form. */
  private void prepare(Member member, Optional<Upstream> upstream, Optional<State> before)
      throws IOException, InterruptedException {
    secrets.remove(passwordFile(member)); // at a start it is put right whatever became of it
    secret(member, passwords);
    Path file = upstreamFile(member);
    if (upstream.isPresent()) {
      member.files().disk().write(file, AutoConf.lines(upstream.get().settings()));
    } else {
      member.files().disk().delete(file);
    }
    MemberContainer form = new MemberContainer(place, member, engine.imageId(place.image()));
    if (before.filter(form::isAsWanted).isEmpty()) {
      engine.remove(place.name(member.name()));
      engine.create(place.image(), form::server);
    }
  }

  private long launch(Member member) throws IOException, InterruptedException {
    String name = place.name(member.name());
    try {
      engine.start(name);
    } catch (IOException e) {
      // It may be bound to what is no more, such as a network: the next try makes it anew.
      engine.removeSoon(name);
      throw e;
    }
    State state =
        engine.state(name).orElseThrow(() -> new IOException("the container " + name + " is gone"));
    if (!state.running()) {
      throw new IOException(
          "the container " + name + " ended at once: " + lastLine(engine.output(name)));
    }
    running.put(member.name(), new Running(member, state.pid()));
    return state.pid();
  }

  @Override
  public void stop(Member member, Duration patience) throws IOException, InterruptedException {
    Running process = running.get(member.name());
    if (process == null) {
      return;
    }
    String name = place.name(member.name());
    engine.signal(name, "INT");
    if (!endsWithin(process, patience)) {
      engine.signal(name, "QUIT");
      if (!endsWithin(process, QUIT_PATIENCE)) {
        kill(member, KILL_PATIENCE);
      }
    }
  }

  @Override
  public void kill(Member member, Duration patience) throws IOException {
    inTurn(
        member,
        () -> {
          end(member, patience);
          return null;
        });
  }

  private void end(Member member, Duration patience) throws IOException, InterruptedException {
    String name = place.name(member.name());
    Running process = running.get(member.name());
    if (ours(member).filter(State::running).isEmpty()) {
      return;
    }
    engine.signal(name, "KILL");
    long giveUpAt = System.nanoTime() + patience.toNanos();
    while (ours(member).filter(State::running).isPresent()) {
      if (System.nanoTime() > giveUpAt) {
        throw new IOException("the container " + name + " does not end");
      }
      Thread.sleep(POLL);
    }
    if (process != null) {
      ended(process);
    }
  }

  @Override
  public OptionalLong pid(Member member) {
    Running process = running.get(member.name());
    return process == null ? OptionalLong.empty() : OptionalLong.of(process.pid);
  }

  @Override
  public Ended run(Member member, List<String> command, String input, Duration limit)
      throws IOException, InterruptedException {
    secret(member, passwords);
    if (input.isEmpty()) {
      return run(create -> form(member).program(create, command), limit);
    }
    Path file = member.files().conf().resolve("input");
    member.files().disk().write(file, input);
    List<String> whole =
        new ArrayList<>(List.of("sh", "-c", "exec \"$@\" <\"$0\"", file.toString()));
    whole.addAll(command);
    try {
      return run(create -> form(member).program(create, whole), limit);
    } finally {
      member.files().disk().delete(file);
    }
  }

  @Override
  public Ended run(List<String> command, Duration limit) throws IOException, InterruptedException {
    return run(
        create ->
            create
                .withLabels(place.labels("look"))
                .withEntrypoint(command.getFirst())
                .withCmd(command.subList(1, command.size()))
                .withHostConfig(HostConfig.newHostConfig().withNetworkMode("none")),
        limit);
  }

  private Ended run(UnaryOperator<CreateContainerCmd> form, Duration limit)
      throws IOException, InterruptedException {
    String container = engine.create(place.image(), form);
    try {
      engine.start(container);
      int code = engine.await(container, limit);
      return new Ended(code, engine.output(container));
    } catch (IOException e) {
      // Whoever tries again must not meet it: it may still be writing.
      engine.remove(container);
      throw e;
    } finally {
      engine.removeSoon(container);
    }
  }

  @Override
  public MemberFiles files(String name) {
    return new MemberFiles(place.home(name), disks.disk(name));
  }

  /**
   * On the member's volume, beside its configuration; written when it is not yet there as it is.
   */
  @Override
  public Path secret(Member member, Path file) throws IOException {
    Path copy = member.files().conf().resolve(file.getFileName());
    String content = Files.readString(file);
    if (!content.equals(secrets.get(copy))) {
      member.files().disk().directory(member.files().conf());
      member.files().disk().write(copy, content);
      secrets.put(copy, content);
    }
    return copy;
  }

  @Override
  public String trouble() {
    return open ? watch.trouble() : notOpen;
  }

  @Override
  public void close() {
    closed = true;
    watch.close();
    threads.shutdown();
    try {
      if (open) {
        disks.close();
      }
    } catch (IOException | InterruptedException e) {
      // It is made anew by the next one.
    }
    engine.close();
  }

  /** libpq's password file, as a member's programs see it. */
  static Path passwordFile(Member member) {
    return member.files().conf().resolve("pgpass");
  }

  private static Path upstreamFile(Member member) {
    return member.files().conf().resolve("upstream");
  }

  private MemberContainer form(Member member) {
    return new MemberContainer(place, member, "");
  }

  /**
   * The member's container.
   *
   * @throws IllegalStateException if one of its name is somebody else's
   */
  private Optional<State> ours(Member member) throws IOException, InterruptedException {
    String name = place.name(member.name());
    Optional<State> state = engine.state(name);
    if (state.isPresent()
        && !(state.get().label(DockerPlace.LABEL_PREFIX).equals(place.prefix())
            && state.get().label(DockerPlace.LABEL_CLUSTER).equals(place.cluster())
            && state.get().label(DockerPlace.LABEL_MEMBER).equals(member.name()))) {
      throw new IllegalStateException(
          "the container "
              + name
              + " is there already and is not member "
              + member.name()
              + " of cluster "
              + place.cluster()
              + ": it is left alone; remove it, or use another prefix");
    }
    return state;
  }

  private boolean endsWithin(Running process, Duration patience)
      throws IOException, InterruptedException {
    long giveUpAt = System.nanoTime() + patience.toNanos();
    while (ours(process.member).filter(state -> state.running()).isPresent()) {
      if (System.nanoTime() > giveUpAt) {
        return false;
      }
      Thread.sleep(POLL);
    }
    ended(process);
    return true;
  }

  /** Looks whether it ended, and reports it if so. */
  private void ended(Running process) throws IOException, InterruptedException {
    Optional<State> now = ours(process.member);
    if (now.isPresent() && now.get().running() && now.get().pid() == process.pid) {
      return;
    }
    running.remove(process.member.name(), process);
    report(process, now);
  }

  private void report(Running process, Optional<State> state) {
    if (process.reported.compareAndSet(false, true) && !closed) {
      threads.execute(() -> listener.exited(process.member, reason(process, state)));
    }
  }

  private String reason(Running process, Optional<State> state) {
    String container = "the container " + place.name(process.member.name());
    if (state.isEmpty() || state.get().running()) {
      return container + " with process " + process.pid + " is gone";
    }
    return container
        + MemberRuntime.ending(state.get().exitCode())
        + (state.get().outOfMemory() ? ": its memory limit was reached" : "");
  }

  private static String lastLine(String output) {
    return output.strip().lines().reduce((first, second) -> second).orElse("no output");
  }

  @FunctionalInterface
  private interface Work<T> {
    T carryOut() throws IOException, InterruptedException;
  }

  private <T> T inTurn(Member member, Work<T> work) throws IOException {
    ReentrantLock turn = turns.computeIfAbsent(member.name(), name -> new ReentrantLock());
    turn.lock();
    try {
      return work.carryOut();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      turn.unlock();
    }
  }

  private final class Ends implements EngineWatch.Listener {

    @Override
    public void ended(String container) throws IOException, InterruptedException {
      for (Running process : List.copyOf(running.values())) {
        if (place.name(process.member.name()).equals(container)) {
          DockerRuntime.this.ended(process);
        }
      }
    }

    @Override
    public void look() throws IOException, InterruptedException {
      Set<String> alive = new HashSet<>(engine.running(place.labels()));
      for (Running process : List.copyOf(running.values())) {
        if (!alive.contains(place.name(process.member.name()))) {
          DockerRuntime.this.ended(process);
        }
      }
    }
  }
}
