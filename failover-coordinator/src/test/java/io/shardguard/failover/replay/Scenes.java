package io.shardguard.failover.replay;

/** Recorded scenes for the tests of other packages. */
public final class Scenes {

  private Scenes() {}

  /** w-a failed over to w-b and came back; without observations. */
  public static RecordedLog failover() {
    return Recording.ofAFailover().read(false);
  }

  /** The primary w-a went down after its standby w-b did: refused. */
  public static RecordedLog refusal() {
    Recording log = Recording.formed();
    log.observe(log.primaryView("w-a", "w-b", 100L), log.down("w-b")).carryOut();
    log.observe(log.primaryView("w-a", "w-b", 100L), log.down("w-b"));
    log.nodeDown("w-a");
    return log.read(false);
  }

  /** w-a is down, and nothing of what is asked for was done yet. */
  public static RecordedLog openFailover() {
    Recording log = Recording.formed();
    log.observe(log.primaryView("w-a", "w-b", 100L), log.standby("w-b", "w-a"));
    log.nodeDown("w-a");
    return log.read(false);
  }
}
