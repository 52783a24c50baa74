package io.shardguard.postgres;

import io.netty.channel.ChannelHandlerContext;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.impl.SocketConnectionBase;
import io.vertx.sqlclient.impl.SqlConnectionBase;

/**
 * Closes a connection's socket. The client's own close() first sends Terminate and waits, for ever
 * on a server that hangs; this is the one place that reaches into the client's internals for it.
 */
final class SocketDropper {

  private SocketDropper() {}

  static void drop(PgConnection connection) {
    ChannelHandlerContext first =
        ((SocketConnectionBase) ((SqlConnectionBase<?>) connection).unwrap())
            .socket()
            .channelHandlerContext()
            .pipeline()
            .firstContext();
    // A socket that is closed already has no handlers left.
    if (first != null) {
      first.close();
    }
  }
}
