package io.shardguard.provisioner.runtime;

import io.shardguard.provisioner.core.Upstream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Members as processes of this machine. They are started in sessions of their own and outlive this
 * process; the next one adopts them. The ends of its own children are seen at once, those of
 * adopted members within {@link #POLL}.
 */
public final class LocalRuntime implements MemberRuntime {

  /** A shell's exit code for a program that is not there. */
  private static final int NOT_FOUND = 127;

  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration SWEEP = Duration.ofMillis(5);
  private static final Duration KILL_PATIENCE = Duration.ofSeconds(10);

  private final Path members;
  private final Path postgresBin;
  private final ServerUser user;
  private final Programs programs;
  private final StartGuard guard;
  private final MemberNamespaces namespaces;
  private final Map<String, Running> running = new ConcurrentHashMap<>();
  private final Set<String> cleared = ConcurrentHashMap.newKeySet();
  private final Map<String, ReentrantLock> turns = new ConcurrentHashMap<>();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("member-end-", 0).factory());
  private volatile ExitListener listener = (member, reason) -> {};
  private volatile boolean closed;

  private record Running(
      Member member, long pid, Process child, AtomicBoolean reported, CountDownLatch ended) {}

  /**
   * A runtime.
   *
   * @param members the directory of all members
   * @param postgresBin the directory of PostgreSQL's programs
   * @param passwordFile libpq's password file, in every member's environment
   */
  public LocalRuntime(
      Path members,
      Path postgresBin,
      Path passwordFile,
      ServerUser user,
      MemberNamespaces namespaces) {
    this.members = members;
    this.postgresBin = postgresBin;
    this.user = user;
    this.programs = new Programs(user, passwordFile);
    this.guard = new StartGuard(user);
    this.namespaces = namespaces;
    Thread.ofPlatform().daemon().name("adopted-members").start(this::watchAdopted);
  }

  @Override
  public void onExit(ExitListener exitListener) {
    this.listener = exitListener;
  }

  @Override
  public OptionalLong adopt(Member member) throws IOException {
    ReentrantLock turn = turn(member);
    turn.lock();
    try {
      if (running.containsKey(member.name())) {
        return pid(member);
      }
      if (cleared.add(member.name())) {
        endProgramsBeside(member);
      }
      OptionalLong postmaster = postmaster(member);
      if (postmaster.isPresent()) {
        running.put(member.name(), running(member, postmaster.getAsLong(), null));
      } else {
        sweep(member, KILL_PATIENCE);
      }
      return postmaster;
    } finally {
      turn.unlock();
    }
  }

  @Override
  public long start(Member member, Optional<Upstream> upstream) throws IOException {
    ReentrantLock turn = turn(member);
    turn.lock();
    try {
      Running already = running.get(member.name());
      if (already != null && ProcessTable.lives(already.pid)) {
        return already.pid;
      }
      sweep(member, KILL_PATIENCE);
      guard.prepare(member.files(), upstream);
      return launch(member);
    } finally {
      turn.unlock();
    }
  }

  @Override
  public void stop(Member member, Duration patience) throws IOException, InterruptedException {
    Running process = running.get(member.name());
    if (process == null) {
      return;
    }
    programs.signal("INT", process.pid);
    if (!process.ended.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      programs.signal("QUIT", process.pid);
      if (!process.ended.await(5, TimeUnit.SECONDS)) {
        kill(member, KILL_PATIENCE);
      }
    }
  }

  @Override
  public void kill(Member member, Duration patience) throws IOException {
    ReentrantLock turn = turn(member);
    turn.lock();
    try {
      Running process = running.get(member.name());
      if (process != null) {
        // First, so that it makes no more children.
        ProcessTable.kill(process.pid);
      }
      sweep(member, patience);
    } finally {
      turn.unlock();
    }
  }

  @Override
  public OptionalLong pid(Member member) {
    Running process = running.get(member.name());
    return process == null || !ProcessTable.lives(process.pid)
        ? OptionalLong.empty()
        : OptionalLong.of(process.pid);
  }

  @Override
  public Ended run(Member member, List<String> command, String input, Duration limit)
      throws IOException, InterruptedException {
    return programs.run(
        member.files().home(), namespaces.inside(member.name(), command), input, limit);
  }

  @Override
  public Ended run(List<String> command, Duration limit) throws IOException, InterruptedException {
    Path program = Path.of(command.getFirst());
    return program.isAbsolute() && !Files.isExecutable(program)
        ? new Ended(NOT_FOUND, program + " is missing")
        : programs.run(Path.of("/"), command, "", limit);
  }

  @Override
  public MemberFiles files(String name) {
    return new MemberFiles(members.resolve(name), new LocalDisk(user));
  }

  /** They are of this machine already. */
  @Override
  public Path secret(Member member, Path file) {
    return file;
  }

  @Override
  public String trouble() {
    return Files.isWritable(members) ? "" : "the members' directory is not writable";
  }

  @Override
  public void close() {
    closed = true;
    threads.shutdown();
  }

  private long launch(Member member) throws IOException {
    List<String> command =
        List.of(
            "setsid", postgresBin.resolve("postgres").toString(),
            "-D", member.files().data().toString(),
            "-c", "config_file=" + member.files().configFile());
    Process child =
        programs.start(
            member.files().home(),
            namespaces.inside(member.name(), command),
            member.files().startLog());
    Running process = running(member, child.pid(), child);
    running.put(member.name(), process);
    child.onExit().thenRunAsync(() -> ended(process), threads);
    return child.pid();
  }

  private static Running running(Member member, long pid, Process child) {
    return new Running(member, pid, child, new AtomicBoolean(), new CountDownLatch(1));
  }

  private void ended(Running process) {
    if (!process.reported.compareAndSet(false, true)) {
      return;
    }
    String reason = reason(process);
    ReentrantLock turn = turn(process.member);
    turn.lock();
    try {
      // Only what this postmaster left behind: the member may have been started again meanwhile.
      if (running.remove(process.member.name(), process)) {
        sweep(process.member, KILL_PATIENCE);
      }
    } catch (IOException e) {
      // Not reported: its end is no fact while a process of it is left. The next start or kill
      // sweeps again.
      reason = null;
    } finally {
      turn.unlock();
    }
    process.ended.countDown();
    if (reason != null && !closed) {
      listener.exited(process.member, reason);
    }
  }

  private static String reason(Running process) {
    if (process.child == null) {
      return "the postmaster " + process.pid + " is gone";
    }
    return "the postmaster " + process.pid + MemberRuntime.ending(process.child.exitValue());
  }

  /** Kills all that works in the member's data directory, until nothing does. */
  private static void sweep(Member member, Duration patience) throws IOException {
    Path data = member.files().data();
    long giveUpAt = System.nanoTime() + patience.toNanos();
    List<Long> left = ProcessTable.workingIn(data);
    while (!left.isEmpty()) {
      if (System.nanoTime() > giveUpAt) {
        throw new IOException("processes " + left + " of " + member.name() + " do not end");
      }
      left.forEach(ProcessTable::kill);
      pause(SWEEP);
      left = ProcessTable.workingIn(data);
    }
  }

  /**
   * Ends the copies and rewinds of a provisioner that is no more: they would go on writing into
   * what takes the place of their data directory.
   */
  private void endProgramsBeside(Member member) throws IOException {
    List<Long> left = programsBeside(member);
    long giveUpAt = System.nanoTime() + KILL_PATIENCE.toNanos();
    while (!left.isEmpty()) {
      if (System.nanoTime() > giveUpAt) {
        throw new IOException("programs " + left + " beside " + member.name() + " do not end");
      }
      left.forEach(ProcessTable::kill);
      pause(SWEEP);
      left = programsBeside(member);
    }
  }

  private List<Long> programsBeside(Member member) throws IOException {
    return ProcessTable.workingIn(member.files().home()).stream().filter(programs::ran).toList();
  }

  private static OptionalLong postmaster(Member member) {
    try {
      Path lock = member.files().data().resolve("postmaster.pid");
      long pid = Long.parseLong(Files.readAllLines(lock).getFirst().strip());
      return ProcessTable.worksIn(pid, member.files().data())
          ? OptionalLong.of(pid)
          : OptionalLong.empty();
    } catch (IOException | RuntimeException noUsableLockFile) {
      return OptionalLong.empty();
    }
  }

  private void watchAdopted() {
    while (!closed) {
      running.values().stream()
          .filter(process -> process.child == null && !ProcessTable.lives(process.pid))
          .forEach(process -> threads.execute(() -> ended(process)));
      pause(POLL);
    }
  }

  private ReentrantLock turn(Member member) {
    return turns.computeIfAbsent(member.name(), name -> new ReentrantLock());
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
