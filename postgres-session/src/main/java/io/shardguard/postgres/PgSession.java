package io.shardguard.postgres;

import io.shardguard.postgres.SessionException.Kind;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One session to one PostgreSQL server, with every call bounded in time: the client itself bounds
 * neither a login nor a query on a server that hangs. A call that times out drops the session,
 * since its answer may still come.
 *
 * <p>The asynchronous calls answer with a {@link Future} that fails with a {@link SessionException}
 * and nothing else; {@link #await} turns it into a blocking call.
 */
public final class PgSession implements AutoCloseable {

  private final PgConnection connection;
  private volatile boolean open = true;

  private PgSession(PgConnection connection) {
    this.connection = connection;
  }

  /**
   * Opens a session.
   *
   * @param deadline for the whole of it, login included
   */
  public static Future<PgSession> open(
      Vertx vertx, String host, int port, Login login, Duration deadline) {
    PgConnectOptions options =
        new PgConnectOptions()
            .setHost(host)
            .setPort(port)
            .setUser(login.user())
            .setPassword(login.password())
            .setDatabase(login.database())
            .addProperty("application_name", login.applicationName());
    options.setConnectTimeout((int) deadline.toMillis());
    Promise<PgSession> opened = Promise.promise();
    long timer =
        vertx.setTimer(
            Math.max(1, deadline.toMillis()),
            t -> opened.tryFail(timedOut("no session to " + host + ":" + port, deadline)));
    PgConnection.connect(vertx, options)
        .onComplete(result -> {
          vertx.cancelTimer(timer);
          if (result.failed()) {
            opened.tryFail(
                failure(result.cause(), Kind.REFUSED, "no session to " + host + ":" + port));
            return;
          }
          PgSession session = new PgSession(result.result());
          session.onClose(() -> {});
          // A login that completes after its deadline must not leak.
          if (!opened.tryComplete(session)) {
            session.close();
          }
        });
    return opened.future();
  }

  /** Runs {@code action} when the session ends, however it ends; at most one action. */
  public void onClose(Runnable action) {
    connection.closeHandler(v -> {
      open = false;
      forget();
      action.run();
    });
  }

  /** The server has not ended the session, as far as is known here. */
  public boolean isOpen() {
    return open;
  }

  /**
   * Sends one or more statements without parameters.
   *
   * @param deadline after which the session is dropped and the result fails with {@link
   *     Kind#TIMED_OUT}
   */
  public Future<RowSet<Row>> query(String sql, Duration deadline) {
    return bounded(connection.query(sql).execute(), sql, deadline);
  }

  /** Sends one statement with parameters ($1, $2, …); see {@link #query(String, Duration)}. */
  public Future<RowSet<Row>> query(String sql, Tuple parameters, Duration deadline) {
    return bounded(connection.preparedQuery(sql).execute(parameters), sql, deadline);
  }

  /** Drops the session at once, without a word to the server, which may hang. */
  @Override
  public void close() {
    open = false;
    SocketDropper.drop(connection);
    forget();
  }

  /** Without this Vert.x would hold on to every connection there ever was, until its own end. */
  private void forget() {
    connection.close();
  }

  /**
   * Waits for a call of this class; for virtual and worker threads only.
   *
   * @throws SessionException if the call did not succeed
   * @throws InterruptedException if the waiting thread was interrupted; the call's effect is then
   *     unknown
   */
  public static <T> T await(Future<T> call) throws SessionException, InterruptedException {
    try {
      return call.toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException | CompletionException e) {
      if (e.getCause() instanceof SessionException failure) {
        throw failure;
      }
      throw new IllegalStateException(
          "a call to PostgreSQL failed in an unforeseen way", e.getCause());
    }
  }

  private <T> Future<T> bounded(Future<T> call, String sql, Duration deadline) {
    return call.timeout(Math.max(1, deadline.toMillis()), TimeUnit.MILLISECONDS)
        .recover(cause -> {
          if (cause instanceof TimeoutException) {
            close();
            return Future.failedFuture(timedOut("no answer to: " + sql, deadline));
          }
          return Future.failedFuture(failure(cause, Kind.BROKEN, "failed: " + sql));
        });
  }

  private static SessionException timedOut(String what, Duration deadline) {
    return new SessionException(
        Kind.TIMED_OUT, "", what + " within " + deadline.toMillis() + " ms", null);
  }

  private static SessionException failure(Throwable cause, Kind otherwise, String what) {
    if (cause instanceof SessionException already) {
      return already;
    }
    if (cause instanceof PgException error) {
      return new SessionException(
          Kind.FAILED, error.getSqlState(), what + ": " + error.getErrorMessage(), error);
    }
    Kind kind = cause instanceof ClosedConnectionException ? Kind.BROKEN : otherwise;
    return new SessionException(kind, "", what + ": " + cause.getMessage(), cause);
  }
}
