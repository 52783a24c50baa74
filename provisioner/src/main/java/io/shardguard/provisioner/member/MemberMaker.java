package io.shardguard.provisioner.member;

import io.shardguard.failpoints.Failpoints;
import io.shardguard.provisioner.core.FirstSql;
import io.shardguard.provisioner.runtime.Member;
import io.shardguard.provisioner.runtime.MemberFiles;
import io.shardguard.provisioner.runtime.MemberRuntime;
import io.shardguard.provisioner.runtime.MemberRuntime.Ended;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;

/** Makes a group's first member: an empty database with the roles that everybody needs. */
final class MemberMaker {

  private static final Duration LIMIT = Duration.ofMinutes(3);

  /** initdb is mostly one busy processor. */
  private final Semaphore atATime = new Semaphore(2);

  private final Path bin;
  private final MemberRuntime runtime;
  private final MemberConf conf;
  private final MemberData data;
  private final Secrets secrets;
  private final Failpoints failpoints;

  MemberMaker(
      Path bin,
      MemberRuntime runtime,
      MemberConf conf,
      MemberData data,
      Secrets secrets,
      Failpoints failpoints) {
    this.bin = bin;
    this.runtime = runtime;
    this.conf = conf;
    this.data = data;
    this.secrets = secrets;
    this.failpoints = failpoints;
  }

  /**
   * Makes the member. After a crash in the middle nothing is there but a directory that nobody
   * takes for a member's.
   *
   * @return PostgreSQL's identifier of the new lineage
   */
  String make(Member member) throws IOException, InterruptedException {
    atATime.acquire();
    try {
      MemberFiles files = member.files();
      files.disk().remove(files.dataInTheMaking());
      conf.write(member);
      initdb(member);
      firstSql(member);
      String identifier = systemIdentifier(member);
      failpoints.pass("provisioner-before-placing");
      data.mark(files, member.name(), identifier, true);
      files.disk().move(files.dataInTheMaking(), files.data());
      return identifier;
    } finally {
      atATime.release();
    }
  }

  private void initdb(Member member) throws IOException, InterruptedException {
    Ended ended =
        runtime.run(
            member,
            List.of(
                program("initdb"),
                "-D",
                member.files().dataInTheMaking().toString(),
                "--username=postgres",
                "--auth=scram-sha-256",
                "--pwfile=" + runtime.secret(member, secrets.superuserPassword()),
                "--data-checksums",
                "--encoding=UTF8",
                "--locale=C.UTF-8"),
            "",
            LIMIT);
    if (ended.exitCode() != 0) {
      throw new IOException("initdb failed for " + member.name() + ": " + ended.output().strip());
    }
  }

  private void firstSql(Member member) throws IOException, InterruptedException {
    String making = member.files().dataInTheMaking().toString();
    List<String> command =
        List.of(
            program("postgres"),
            "--single",
            "-j",
            "-D",
            making,
            "-c",
            "config_file=" + member.files().configFile(),
            "-c",
            "data_directory=" + making,
            "-c",
            "shared_preload_libraries=",
            "-c",
            "log_min_error_statement=panic",
            "postgres");
    String input = String.join(";\n\n", FirstSql.statements(secrets.verifiers())) + ";\n\n";
    Ended ended = runtime.run(member, command, input, LIMIT);
    // A single-user server goes on after an error, and its exit code says nothing of it.
    List<String> errors =
        ended.output().lines().filter(line -> line.matches(".*\\b(ERROR|FATAL|PANIC):.*")).toList();
    if (ended.exitCode() != 0 || !errors.isEmpty()) {
      throw new IOException("the first statements failed on " + member.name() + ": " + errors);
    }
  }

  private String systemIdentifier(Member member) throws IOException, InterruptedException {
    Ended ended =
        runtime.run(
            member,
            List.of(program("pg_controldata"), member.files().dataInTheMaking().toString()),
            "",
            LIMIT);
    return ended
        .output()
        .lines()
        .filter(line -> line.startsWith("Database system identifier:"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElseThrow(() -> new IOException("pg_controldata says nothing of " + member.name()));
  }

  private String program(String name) {
    return bin.resolve(name).toString();
  }
}
