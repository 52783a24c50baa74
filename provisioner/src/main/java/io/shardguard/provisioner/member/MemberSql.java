package io.shardguard.provisioner.member;

import io.shardguard.events.MemberAddress;
import io.shardguard.postgres.Login;
import io.shardguard.postgres.PgSession;
import io.shardguard.postgres.SessionException;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Opens superuser sessions to members. */
public final class MemberSql {

  private static final Duration LOGIN = Duration.ofSeconds(5);

  private final Vertx vertx;
  private final Path secrets;

  /**
   * An opener of sessions.
   *
   * @param secrets the directory of the roles' passwords
   */
  public MemberSql(Vertx vertx, Path secrets) {
    this.vertx = vertx;
    this.secrets = secrets;
  }

  /** Opens a session to the database {@code postgres}; at most 5 s. */
  public Session open(MemberAddress member)
      throws SessionException, InterruptedException, IOException {
    return open(member, "postgres");
  }

  /** Opens a session to a database; at most 5 s. */
  public Session open(MemberAddress member, String database)
      throws SessionException, InterruptedException, IOException {
    Login login = Login.of("postgres", database, "provisioner", secrets);
    return new Session(
        PgSession.await(PgSession.open(vertx, member.host(), member.port(), login, LOGIN)));
  }

  /** A session whose calls block. */
  public static final class Session implements AutoCloseable {

    private static final Duration QUICK = Duration.ofSeconds(10);

    private final PgSession session;

    private Session(PgSession session) {
      this.session = session;
    }

    /** Runs a statement; at most 10 s. */
    public void run(String sql) throws SessionException, InterruptedException {
      rows(sql, QUICK);
    }

    /** Runs a statement that may take its time. */
    public void run(String sql, Duration deadline) throws SessionException, InterruptedException {
      rows(sql, deadline);
    }

    /** The only row of a query; at most 10 s. */
    public Row row(String sql) throws SessionException, InterruptedException {
      return rows(sql, QUICK).iterator().next();
    }

    /** The first column of the first row; empty if that is NULL or there is no row. */
    public Optional<String> text(String sql) throws SessionException, InterruptedException {
      RowSet<Row> rows = rows(sql, QUICK);
      return rows.size() == 0
          ? Optional.empty()
          : Optional.ofNullable(rows.iterator().next().getString(0));
    }

    /** Whether a query's only value is true. */
    public boolean isTrue(String sql) throws SessionException, InterruptedException {
      return Boolean.TRUE.equals(row(sql).getBoolean(0));
    }

    private RowSet<Row> rows(String sql, Duration deadline)
        throws SessionException, InterruptedException {
      return PgSession.await(session.query(sql, deadline));
    }

    @Override
    public void close() {
      session.close();
    }
  }
}
