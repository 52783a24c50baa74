package io.shardguard.provisioner.member;

import io.shardguard.clusterspec.MemberNetwork;
import io.shardguard.events.MemberAddress;
import io.shardguard.failpoints.Failpoints;
import io.shardguard.provisioner.TestState;
import io.shardguard.provisioner.runtime.Member;
import io.shardguard.provisioner.runtime.MemberFiles;
import io.shardguard.provisioner.runtime.MemberRuntime;
import io.shardguard.provisioner.runtime.ServerUser;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;

/**
 * A member made as the provisioner makes a group's first one, for tests of what is below the loops.
 */
public final class TestMember {

  /** PostgreSQL's programs. */
  public static final Path BIN =
      Path.of(System.getProperty("shardguard.postgres.home", "/usr/lib/postgresql/15"), "bin");

  private TestMember() {}

  /** A member without data. */
  public static Member declared(TestState state, String name) {
    return new Member(
        1,
        new MemberAddress(name, "127.0.10.1", state.portBase() + 10),
        new MemberFiles(state.member(name)));
  }

  /** A member with an empty database, not started; it does not load Citus. */
  public static Member made(TestState state, MemberRuntime runtime, String name)
      throws IOException, InterruptedException {
    new ServerUser().directory(state.directory().resolve("members"));
    Member member = declared(state, name);
    make(member, runtime, MemberNetwork.LOOPBACK, new Secrets(state.secrets()));
    return member;
  }

  /** Makes a declared member's empty database; it does not load Citus. */
  public static void make(
      Member member, MemberRuntime runtime, MemberNetwork network, Secrets secrets)
      throws IOException, InterruptedException {
    MemberConf conf = new MemberConf(false, Map.of("shared_buffers", "16MB"), network);
    new MemberMaker(BIN, runtime, conf, data("tested"), secrets, Failpoints.OFF).make(member);
  }

  static MemberData data(String cluster) {
    return new MemberData(cluster, BIN.getParent().getFileName().toString());
  }

  /** The message of a login that fails; empty if it succeeds. */
  public static String loginFailure(MemberAddress member, String role, String password) {
    try (var connection =
        DriverManager.getConnection(
            "jdbc:postgresql://" + member.hostAndPort() + "/postgres?loginTimeout=10",
            role,
            password)) {
      return "";
    } catch (SQLException e) {
      return e.getMessage();
    }
  }
}
