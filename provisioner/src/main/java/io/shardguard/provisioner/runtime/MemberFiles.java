package io.shardguard.provisioner.runtime;

import io.shardguard.events.MemberAddress;
import io.shardguard.provisioner.core.MemberSettings;
import java.nio.file.Path;

/**
 * Where a member's files are. Configuration lies outside the data directory: pg_rewind and base
 * backups overwrite it there.
 *
 * @param home the member's directory
 * @param disk where it is
 */
public record MemberFiles(Path home, MemberDisk disk) {

  /** On this machine. */
  public MemberFiles(Path home) {
    this(home, new LocalDisk(new ServerUser()));
  }

  /** PostgreSQL's data directory. */
  public Path data() {
    return home.resolve("data");
  }

  /** A data directory in the making; renamed to {@link #data} when it is whole. */
  public Path dataInTheMaking() {
    return home.resolve("data.new");
  }

  /** A copy of the data directory in the making. */
  public Path dataBeingCopied() {
    return home.resolve("data.copy");
  }

  /** Configuration files and what is known of the member. */
  public Path conf() {
    return home.resolve("conf");
  }

  /** PostgreSQL's main configuration file. */
  public Path configFile() {
    return conf().resolve("postgresql.conf");
  }

  /** Says whose the data directory is. */
  public Path marker() {
    return conf().resolve("member.properties");
  }

  /** Exists while pg_rewind works: found later, it says that the data is ruined. */
  public Path rewinding() {
    return conf().resolve("rewinding");
  }

  /** Exists once the member took writes without being the primary, until it streams again. */
  public Path rogue() {
    return conf().resolve("rogue");
  }

  /**
   * Names the last forced failover that the member streamed after, though it was replaced by it.
   */
  public Path settledLoss() {
    return conf().resolve("loss-settled");
  }

  /** The Unix socket's directory. */
  public Path run() {
    return home.resolve("run");
  }

  /** The logs' directory. */
  public Path log() {
    return home.resolve("log");
  }

  /** What the server says before its log is open. */
  public Path startLog() {
    return log().resolve("start.log");
  }

  /** The places that go into the configuration. */
  public MemberSettings.Place place(MemberAddress address) {
    return new MemberSettings.Place(address.host(), address.port(), data(), conf(), run(), log());
  }
}
