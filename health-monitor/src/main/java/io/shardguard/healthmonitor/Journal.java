package io.shardguard.healthmonitor;

import io.shardguard.events.MonitorEvent;
import io.shardguard.events.MonitorEvent.NodeDown;
import io.shardguard.events.MonitorEvent.NodeUnreachable;
import io.shardguard.events.MonitorEvent.NodeUp;
import io.shardguard.events.MonitorEvent.ObserverIsolated;
import io.shardguard.events.MonitorEvent.ReplicationBroken;
import io.shardguard.events.MonitorEvent.ReplicationCaughtUp;
import io.shardguard.healthmonitor.core.Findings;
import io.shardguard.healthmonitor.core.History.Failure;
import io.shardguard.healthmonitor.core.Judgement;
import io.shardguard.healthmonitor.core.Watch;
import io.shardguard.healthmonitor.core.Watched;
import org.jboss.logging.Logger;

/** The log lines: what was seen to change, and what was said. */
final class Journal {

  private static final Logger LOG = Logger.getLogger(Journal.class);

  private final String cluster;

  Journal(String cluster) {
    this.cluster = cluster;
  }

  /** A probe's result, if it changes how the member fails. */
  void result(Watched before, Watched after) {
    if (before == null || after == null) {
      return;
    }
    Failure was = before.history().failure();
    Failure is = after.history().failure();
    if (is != null && (was == null || was.kind() != is.kind())) {
      LOG.infof(
          "cluster=%s group=%d member=%s %s: %s",
          cluster, after.group(), after.name(), is.kind(), is.words());
    }
  }

  /** A look's changes. */
  void look(Watch before, Findings findings) {
    findings.events().forEach(this::event);
    findings
        .next()
        .members()
        .forEach((name, member) -> verdict(before.members().get(name), member));
    if (before.isolated() && !findings.next().isolated()) {
      LOG.infof("cluster=%s the observer is no longer isolated", cluster);
    }
  }

  private void verdict(Watched before, Watched after) {
    Judgement is = after.judgement();
    boolean same =
        before != null
            && before.judgement().verdict() == is.verdict()
            && before.judgement().diagnosis() == is.diagnosis();
    if (!same) {
      LOG.infof(
          "cluster=%s group=%d member=%s verdict=%s diagnosis=%s %s",
          cluster,
          after.group(),
          after.name(),
          is.verdict(),
          is.diagnosis() == null ? "none" : is.diagnosis(),
          is.evidence());
    }
  }

  private void event(MonitorEvent event) {
    switch (event) {
      case NodeDown down ->
          LOG.warnf(
              "cluster=%s group=%d member=%s is down: %s %s",
              cluster, down.group(), down.member(), down.diagnosis(), down.evidence());
      case NodeUnreachable unreachable ->
          LOG.warnf(
              "cluster=%s group=%d member=%s is unreachable, not down before %d ms: %s",
              cluster,
              unreachable.group(),
              unreachable.member(),
              unreachable.downAfterMillis(),
              unreachable.evidence());
      case NodeUp up ->
          LOG.infof(
              "cluster=%s group=%d member=%s is up as a %s",
              cluster, up.group(), up.member(), up.inRecovery() ? "standby" : "writable member");
      case ReplicationBroken broken ->
          LOG.warnf(
              "cluster=%s group=%d member=%s streams no more from %s",
              cluster, broken.group(), broken.standby(), broken.primary());
      case ReplicationCaughtUp caught ->
          LOG.infof(
              "cluster=%s group=%d member=%s streams from %s and has caught up at %s",
              cluster, caught.group(), caught.standby(), caught.primary(), caught.flushLsn());
      case ObserverIsolated isolated ->
          LOG.warnf(
              "cluster=%s this observer takes itself for cut off: it lost %s at once",
              cluster, isolated.lost());
    }
  }
}
